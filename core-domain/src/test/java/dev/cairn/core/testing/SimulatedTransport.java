package dev.cairn.core.testing;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.CRC32C;

/**
 * A network that moves one block of a sender after the other, at a pace that the test sets, in
 * virtual time; what goes wrong at the sender is the test's choice.
 */
public final class SimulatedTransport implements BlockTransport {

    /** A transport gives up on a peer that is silent for so long. */
    private static final long PATIENCE = Duration.ofSeconds(2).toNanos();

    private static final Duration LEASE = Duration.ofSeconds(30);

    private final SimulatedFleet fleet;
    private final String address;
    private BlockSource source;
    private double nanosPerByte = 1;
    private Function<BlockKey, Fate> fates = _ -> Fate.GOOD;
    private long freeAt;
    private long sent;
    private long damaged;

    SimulatedTransport(SimulatedFleet fleet, String address) {
        this.fleet = fleet;
        this.address = address;
    }

    /** What happens to a block on its way from here. */
    public enum Fate {
        GOOD,
        /** A bit flips. */
        FLIPPED,
        /** The connection breaks. */
        FAILS,
        BUSY,
        REFUSES,
        /** It does not have it, whatever it said. */
        ABSENT,
        /** Nothing comes any more. */
        STALLS
    }

    public void pace(double nanosForAByte) {
        nanosPerByte = nanosForAByte;
    }

    public void fate(Function<BlockKey, Fate> ofBlocks) {
        fates = ofBlocks;
    }

    /** Blocks that arrived somewhere. */
    public long sent() {
        return sent;
    }

    /** Blocks that arrived damaged. */
    public long damaged() {
        return damaged;
    }

    @Override
    public String name() {
        return "kv";
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public void serve(BlockSource ofThisMember) {
        source = ofThisMember;
        freeAt = 0;
    }

    @Override
    public Timers.Cancellation pull(
            String peerAddress, List<BlockRead> blocks, BlockTier.GetOutcomes outcomes) {
        SimulatedFleet.Node node = fleet.at(peerAddress);
        for (int i = 0; i < blocks.size(); i++) {
            int index = i;
            if (node == null) {
                after(PATIENCE, () -> outcomes.ended(index, GetOutcome.FAILED));
            } else {
                node.transport().send(blocks.get(i), outcome -> outcomes.ended(index, outcome));
            }
        }
        return () -> {};
    }

    private interface Ended {
        void ended(GetOutcome outcome);
    }

    private void send(BlockRead read, Ended ended) {
        Fate fate = fates.apply(read.key());
        switch (fate) {
            case GOOD, FLIPPED -> lend(read, fate, ended);
            case FAILS -> inTurn(read.bytes(), () -> ended.ended(GetOutcome.FAILED));
            case BUSY -> ended.ended(GetOutcome.BUSY);
            case REFUSES -> ended.ended(GetOutcome.REFUSED);
            case ABSENT -> inTurn(read.bytes(), () -> ended.ended(GetOutcome.ABSENT));
            case STALLS -> after(PATIENCE, () -> ended.ended(GetOutcome.FAILED));
        }
    }

    private void lend(BlockRead read, Fate fate, Ended ended) {
        source.lend(
                read.key(),
                read.layout(),
                LEASE,
                new Completion<>() {
                    @Override
                    public void completed(Optional<BlockBytes> lent) {
                        inTurn(
                                read.bytes(),
                                () ->
                                        ended.ended(
                                                lent.map(block -> receive(read, block, fate))
                                                        .orElse(GetOutcome.ABSENT)));
                    }

                    @Override
                    public void failed(Throwable failure) {
                        ended.ended(GetOutcome.BUSY);
                    }
                });
    }

    private GetOutcome receive(BlockRead read, BlockBytes block, Fate fate) {
        MemorySegment target = read.target().segment();
        long from = read.layout().sliceOffset(read.firstLayer());
        MemorySegment.copy(block.bytes().segment(), from, target, 0, read.bytes());
        block.bytes().close();
        if (fate == Fate.FLIPPED) {
            byte flipped = (byte) (target.get(ValueLayout.JAVA_BYTE, 0) ^ 4);
            target.set(ValueLayout.JAVA_BYTE, 0, flipped);
        }
        for (int layer = read.firstLayer(); layer < read.firstLayer() + read.layers(); layer++) {
            CRC32C checksum = new CRC32C();
            int begin = (int) read.targetOffset(layer);
            ByteBuffer view = read.view();
            view.clear().position(begin).limit(begin + (int) read.layout().sliceBytes());
            checksum.update(view);
            if ((int) checksum.getValue() != block.sliceChecksums()[layer]) {
                damaged++;
                return GetOutcome.DAMAGED;
            }
            read.sliceChecksums()[layer] = block.sliceChecksums()[layer];
        }
        sent++;
        return GetOutcome.FOUND;
    }

    private void inTurn(long bytes, Runnable done) {
        freeAt = Math.max(freeAt, fleet.driver().nanos()) + (long) (bytes * nanosPerByte);
        fleet.driver().schedule(freeAt, done);
    }

    private void after(long nanos, Runnable done) {
        fleet.driver().schedule(fleet.driver().nanos() + nanos, done);
    }

    @Override
    public PeerState peer(String peerAddress) {
        return PeerState.UNKNOWN;
    }

    @Override
    public Map<String, PeerState> peers() {
        return Map.of();
    }

    @Override
    public void close() {}
}
