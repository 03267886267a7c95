package dev.cairn.core.cache;

import dev.cairn.core.block.PrefixCache;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Has a share of the fetched prefixes computed once more, into blocks of their own, and compares:
 * within one compute identity the bytes are the same. Checksums tell that a tier gave what was put
 * there; only this tells that it was right.
 *
 * <p>A tier or peer that gave something else is not read any more, until it is cleared or the
 * program restarts; its blocks of that prefix are dropped everywhere, and the device forgets all
 * that it holds, for nobody knows what came from there before.
 *
 * <p>One prefix at a time; a block is compared by the checksums of its slices.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Canary {

    private static final System.Logger LOG = System.getLogger(Canary.class.getName());

    private final TierKeys keys;
    private final BlockPort blocks;
    private final PrefixCache device;
    private final MemoryLease.Source staging;
    private final Lanes lanes;
    private final Fetches fetches;
    private final Consumer<CacheEvent> mailbox;
    private final Telemetry.Counter outcomes;
    private final Deque<Check> checks = new ArrayDeque<>();

    private CanarySample sample;
    private boolean handedOut;

    Canary(
            TierChain chain,
            TierKeys keys,
            BlockPort blocks,
            PrefixCache device,
            Lanes lanes,
            Fetches fetches,
            Consumer<CacheEvent> mailbox,
            Telemetry telemetry) {
        this.keys = keys;
        this.blocks = blocks;
        this.device = device;
        this.staging = chain.staging();
        this.lanes = lanes;
        this.fetches = fetches;
        this.mailbox = mailbox;
        this.outcomes =
                telemetry.counter(
                        "cairn:canary_total",
                        "Fetched prefixes that were chosen to be computed once more, by outcome",
                        List.of("outcome"));
    }

    /** A fetch that was picked has brought everything. */
    void fetched(CanarySample candidate) {
        if (sample == null) {
            sample = candidate;
        } else {
            outcomes.add(1, "another_running");
        }
    }

    /** What is to be computed once more while there is nothing else to do; null = nothing. */
    CanarySample next() {
        if (sample == null || handedOut) {
            return null;
        }
        handedOut = true;
        return sample;
    }

    /** Others need the engine: it is not computed. */
    void givenUp() {
        outcomes.add(1, "given_up");
        over();
    }

    private void over() {
        sample = null;
        handedOut = false;
    }

    /**
     * The prefix was computed.
     *
     * @param tables {@code [group][block]} where
     */
    void recomputed(int[][] tables) {
        for (Piece piece : sample.fetched()) {
            int[] table = tables[piece.group()];
            int index = piece.place.start() / keys.layout(piece.group()).tokens();
            if (index < table.length && table[index] != LayerGroup.RELEASED) {
                device.retain(piece.group(), table[index]);
                checks.add(new Check(piece, table[index]));
            }
        }
        compareNext();
    }

    private void compareNext() {
        if (checks.isEmpty()) {
            outcomes.add(1, "agreed");
            over();
            return;
        }
        Check check = checks.peek();
        KvLayout layout = keys.layout(check.piece.group());
        MemoryLease lease = staging.tryLease(layout.blockBytes());
        if (lease == null) {
            dropChecks();
            givenUp();
            return;
        }
        check.lease = lease;
        blocks.export(
                check.piece.group(),
                check.block,
                0,
                layout.layers(),
                lease,
                new Completion<>() {
                    @Override
                    public void completed(Void nothing) {
                        check.computed = BlockBytes.leaving(layout, lease).sliceChecksums();
                        mailbox.accept(new CacheEvent.Compared(check));
                    }

                    @Override
                    public void failed(Throwable failure) {
                        mailbox.accept(new CacheEvent.Compared(check));
                    }
                });
    }

    void compared(Check check, long nanos) {
        check.lease.close();
        checks.remove(check);
        device.release(check.piece.group(), check.block);
        if (check.computed == null) {
            dropChecks();
            givenUp();
        } else if (Arrays.equals(check.computed, check.piece.checksums)) {
            compareNext();
        } else {
            dropChecks();
            differs(check.piece, nanos);
        }
    }

    private void dropChecks() {
        checks.forEach(check -> device.release(check.piece.group(), check.block));
        checks.clear();
    }

    private void differs(Piece wrong, long nanos) {
        outcomes.add(1, "differed");
        LOG.log(
                System.Logger.Level.ERROR,
                "{0} gave a block that is not what the engine computes, under valid checksums ({1});"
                        + " nothing is read from there until it is cleared",
                wrong.lane.where(),
                wrong.key);
        lanes.quarantine(wrong.lane);
        List<BlockKey> keysOfPrefix =
                sample.fetched().stream()
                        .filter(piece -> piece.lane == wrong.lane)
                        .map(piece -> piece.key)
                        .toList();
        for (TierLane tier : lanes.tiers()) {
            tier.tier().remove(keysOfPrefix, new Unheard());
        }
        fetches.letGo(nanos);
        device.forget(_ -> true);
        over();
    }

    /** One block on its way out of the device, to be compared. */
    static final class Check {

        private final Piece piece;
        private final int block;
        private MemoryLease lease;

        /** Null until it was read, or if that failed; the runner's thread writes before posting. */
        private int[] computed;

        private Check(Piece piece, int block) {
            this.piece = piece;
            this.block = block;
        }
    }

    /** A tier that cannot forget is not read either. */
    private static final class Unheard implements Completion<Integer> {

        @Override
        public void completed(Integer removed) {}

        @Override
        public void failed(Throwable failure) {}
    }
}
