package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPlace;
import dev.cairn.core.block.BlockPool;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Blocks on their way up.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Fetches {

    private final TierKeys keys;
    private final BlockPort blocks;
    private final PrefixCache device;
    private final TierChain chain;
    private final Stores stores;
    private final Consumer<CacheEvent> mailbox;
    private final TierMeasures measures;
    private final Map<BlockKey, Onboarding> coming = new HashMap<>();
    private final Set<Onboarding> alive = new LinkedHashSet<>();
    private final Set<Onboarding> starving = new LinkedHashSet<>();
    private int restoring;

    Fetches(
            TierKeys keys,
            BlockPort blocks,
            PrefixCache device,
            TierChain chain,
            Stores stores,
            Consumer<CacheEvent> mailbox,
            TierMeasures measures) {
        this.keys = keys;
        this.blocks = blocks;
        this.device = device;
        this.chain = chain;
        this.stores = stores;
        this.mailbox = mailbox;
        this.measures = measures;
    }

    /** The fetch that brings the first block which the plan needs, joined; or null. */
    Onboarding join(FetchPlan plan) {
        Onboarding running = coming.get(plan.missing().getFirst().key());
        if (running == null || running.isOver()) {
            return null;
        }
        running.join();
        return running;
    }

    /**
     * Starts to fetch.
     *
     * @param tokens of the prompt
     * @param salt of its tenant
     * @param computeNanos predicted time to compute instead; 0 = not known
     * @return null if the device has too few free blocks
     */
    Onboarding begin(FetchPlan plan, int[] tokens, String salt, double computeNanos, long nanos) {
        Onboarding onboarding = new Onboarding(plan.kept(), salt);
        for (BlockPlace place : plan.kept()) {
            device.retain(place.group(), place.block());
        }
        double fetchNanos = plan.nanos();
        for (FetchPlan.Missing missing : plan.missing()) {
            int block = device.take(missing.key().group());
            if (block == BlockPool.NONE) {
                onboarding.stopReading();
                release(onboarding);
                measures.fetchRefused();
                return null;
            }
            BlockPlace place = missing.place();
            int[] stands = Arrays.copyOfRange(tokens, place.start(), place.end());
            onboarding.add(new Piece(onboarding, missing, block, stands), nanos);
        }
        for (Piece piece : onboarding.pieces()) {
            coming.putIfAbsent(piece.key, onboarding);
        }
        alive.add(onboarding);
        onboarding.deadline(
                chain.timers()
                        .schedule(
                                nanos + patience(fetchNanos, computeNanos),
                                () -> mailbox.accept(new CacheEvent.TimeIsUp(onboarding))));
        readOn(onboarding, nanos);
        return onboarding;
    }

    /** As long as it was predicted to take, twice, or as computing takes if that is longer. */
    private long patience(double fetchNanos, double computeNanos) {
        double patience = Math.max(2 * fetchNanos, computeNanos);
        return patience > 0 && computeNanos > 0
                ? (long) Math.min(patience, chain.fetchDeadlineNanos())
                : chain.fetchDeadlineNanos();
    }

    /** Reads what the bounds allow; what finds no staging memory waits for some to come back. */
    private void readOn(Onboarding onboarding, long nanos) {
        Map<Lane, List<Piece>> batches = new LinkedHashMap<>();
        while (onboarding.inFlight() < chain.maxReads() && onboarding.hasMoreToRead()) {
            Piece piece = onboarding.peekToRead();
            MemoryLease lease = chain.staging().tryLease(piece.bytes);
            if (lease == null) {
                starving.add(onboarding);
                break;
            }
            onboarding.nextToRead();
            piece.lease = lease;
            piece.lane.begins(nanos);
            batches.computeIfAbsent(piece.lane, _ -> new ArrayList<>()).add(piece);
        }
        batches.forEach(this::read);
    }

    /** Staging memory came back. */
    void stagingFreed(long nanos) {
        if (!starving.isEmpty()) {
            List<Onboarding> again = List.copyOf(starving);
            starving.clear();
            for (Onboarding onboarding : again) {
                readOn(onboarding, nanos);
            }
        }
    }

    private void read(Lane lane, List<Piece> pieces) {
        List<BlockRead> reads = new ArrayList<>(pieces.size());
        for (Piece piece : pieces) {
            piece.read = new BlockRead(piece.key, keys.layout(piece.group()), piece.lease);
            reads.add(piece.read);
        }
        lane.get(
                reads,
                (block, outcome) ->
                        mailbox.accept(new CacheEvent.Read(pieces.get(block), outcome)));
    }

    void read(Piece piece, GetOutcome outcome, long nanos) {
        measures.read(piece.lane, outcome, piece.bytes);
        piece.lane.answered(piece.key, outcome, nanos);
        if (outcome == GetOutcome.FOUND && piece.hasPlace()) {
            restore(piece);
        } else {
            end(piece, outcome == GetOutcome.FOUND, nanos);
        }
    }

    private void restore(Piece piece) {
        piece.restoring = true;
        restoring++;
        blocks.restore(
                piece.group(),
                piece.block,
                0,
                keys.layout(piece.group()).layers(),
                piece.lease,
                new Completion<>() {
                    @Override
                    public void completed(Void nothing) {
                        mailbox.accept(new CacheEvent.Restored(piece, null));
                    }

                    @Override
                    public void failed(Throwable failure) {
                        mailbox.accept(new CacheEvent.Restored(piece, failure));
                    }
                });
    }

    void restored(Piece piece, Throwable failure, long nanos) {
        piece.restoring = false;
        restoring--;
        if (failure != null) {
            measures.restoreFailed();
        } else if (!piece.onboarding.isReleased()) {
            device.filled(piece.place, piece.block, piece.tokens);
        }
        if (piece.onboarding.isReleased()) {
            giveBack(piece);
        }
        end(piece, failure == null, nanos);
    }

    private void end(Piece piece, boolean arrived, long nanos) {
        if (arrived) {
            BlockBytes bytes =
                    new BlockBytes(piece.read.layout(), piece.lease, piece.read.sliceChecksums());
            stores.promote(piece.key, bytes, piece.onboarding.salt(), piece.lane);
        } else {
            piece.lease.close();
        }
        Onboarding onboarding = piece.onboarding;
        coming.remove(piece.key, onboarding);
        piece.lane.ended(piece.bytes, arrived ? piece.bytes : 0, nanos);
        onboarding.pieceEnded();
        if (!arrived) {
            // What follows a gap is of no use.
            stop(onboarding);
        }
        if (onboarding.hasMoreToRead()) {
            readOn(onboarding, nanos);
        } else if (onboarding.inFlight() == 0) {
            over(onboarding, nanos);
            if (!onboarding.isWanted()) {
                release(onboarding);
            }
        }
    }

    void timeIsUp(Onboarding onboarding, long nanos) {
        if (!onboarding.isOver()) {
            measures.fetchLate();
            stop(onboarding);
            over(onboarding, nanos);
        }
    }

    private static void over(Onboarding onboarding, long nanos) {
        if (!onboarding.isOver()) {
            onboarding.end(nanos);
        }
    }

    private void stop(Onboarding onboarding) {
        onboarding.stopReading();
        starving.remove(onboarding);
        coming.values().removeIf(other -> other == onboarding);
    }

    /** One who waited goes on, or is gone. */
    void finished(Onboarding onboarding) {
        onboarding.leave();
        if (!onboarding.isWanted()) {
            stop(onboarding);
            if (onboarding.inFlight() == 0) {
                release(onboarding);
            }
        }
    }

    /** Ends every fetch and gives back what it holds: somebody cannot go on without. */
    boolean letGo(long nanos) {
        boolean any = !alive.isEmpty();
        for (Onboarding onboarding : List.copyOf(alive)) {
            stop(onboarding);
            over(onboarding, nanos);
            release(onboarding);
        }
        return any;
    }

    /** Whether blocks of the device are being written, and come back when that is done. */
    boolean isRestoring() {
        return restoring > 0;
    }

    /** The last blocks first, so that a prefix is evicted from its end. */
    private void release(Onboarding onboarding) {
        if (!onboarding.releases()) {
            return;
        }
        alive.remove(onboarding);
        List<Piece> pieces = onboarding.pieces();
        for (int i = pieces.size() - 1; i >= 0; i--) {
            // A block that is being written comes back when that has ended.
            if (!pieces.get(i).restoring) {
                giveBack(pieces.get(i));
            }
        }
        List<BlockPlace> kept = onboarding.kept();
        for (int i = kept.size() - 1; i >= 0; i--) {
            device.release(kept.get(i).group(), kept.get(i).block());
        }
    }

    private void giveBack(Piece piece) {
        if (piece.hasPlace()) {
            device.release(piece.group(), piece.block);
            piece.block = BlockPool.NONE;
        }
    }

    /** A request computes although tiers hold its prefix: one block is read to learn their pace. */
    void probe(FetchPlan plan, long nanos) {
        FetchPlan.Missing last = plan.missing().getLast();
        Onboarding probe = new Onboarding(List.of(), "");
        probe.leave();
        probe.add(new Piece(probe, last, BlockPool.NONE, new int[0]), nanos);
        readOn(probe, nanos);
    }
}
