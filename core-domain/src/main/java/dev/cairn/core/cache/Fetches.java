package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPlace;
import dev.cairn.core.block.BlockPool;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.request.AdapterChoice;
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

    /** Bytes of one fetch that are read or copied at once: a disk or a peer always has a queue. */
    private static final long WINDOW_BYTES = 32 << 20;

    /** Large blocks, too, come some at a time. */
    private static final int READS_AT_LEAST = 8;

    private final TierKeys keys;
    private final BlockPort blocks;
    private final PrefixCache device;
    private final TierChain chain;
    private final Stores stores;
    private final Consumer<CacheEvent> mailbox;
    private final TierMeasures measures;
    private final Reads reads;
    private final Map<BlockKey, Onboarding> coming = new HashMap<>();
    private final Set<Onboarding> alive = new LinkedHashSet<>();
    private final Set<Onboarding> starving = new LinkedHashSet<>();
    private final CanaryShare canaryShare;
    private Consumer<CanarySample> canary = _ -> {};
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
        this.reads = new Reads(keys, blocks, mailbox);
        this.canaryShare = new CanaryShare(chain.canary());
    }

    /** Who has fetched prefixes computed once more. */
    void onSample(Consumer<CanarySample> hears) {
        canary = hears;
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
     * @param waves in which the layers come
     * @param stepNanos predicted time of the step that computes what follows
     * @return null if the device has too few free blocks
     */
    Onboarding begin(
            FetchPlan plan,
            int[] tokens,
            String salt,
            double computeNanos,
            Waves waves,
            double stepNanos,
            long nanos) {
        Onboarding onboarding = new Onboarding(plan.kept(), salt, waves, plan.tokens(), stepNanos);
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
            onboarding.add(piece(onboarding, missing, block, stands), nanos);
        }
        onboarding.lineUp(keys.groups(), nanos);
        // A canary computes with the model alone.
        if (AdapterChoice.digestIn(salt).isEmpty() && canaryShare.picksNext()) {
            onboarding.sample(Arrays.copyOf(tokens, plan.endOfBlocks()));
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

    private Piece piece(Onboarding of, FetchPlan.Missing missing, int block, int[] tokens) {
        return new Piece(of, missing, keys.layout(missing.key().group()).layers(), block, tokens);
    }

    /** As long as it was predicted to take, twice, or as computing takes if that is longer. */
    private long patience(double fetchNanos, double computeNanos) {
        double patience = Math.max(2 * fetchNanos, computeNanos);
        return patience > 0 && computeNanos > 0
                ? (long) Math.min(patience, chain.fetchDeadlineNanos())
                : chain.fetchDeadlineNanos();
    }

    /**
     * Takes what tiers lend, and reads the rest, as the bounds allow; what finds no staging memory
     * waits for some to come back.
     */
    private void readOn(Onboarding onboarding, long nanos) {
        Map<Lane, List<Slices>> batches = new LinkedHashMap<>();
        List<Slices> lent = new ArrayList<>();
        while (onboarding.hasMoreToRead()) {
            Slices slices = onboarding.peekToRead();
            Piece piece = slices.piece;
            if (onboarding.inFlight() >= chain.maxReads()) {
                break;
            }
            slices.lent = piece.borrow(keys.layout(piece.group()));
            if (slices.lent == null) {
                if (!mayRead(onboarding)) {
                    break;
                }
                slices.lease = chain.staging().tryLease(slices.bytes);
                if (slices.lease == null) {
                    starving.add(onboarding);
                    break;
                }
                batches.computeIfAbsent(piece.lane, _ -> new ArrayList<>()).add(slices);
            }
            onboarding.nextToRead();
            piece.lane.begins(nanos);
            if (slices.lent != null) {
                lent.add(slices);
            }
        }
        for (int from = 0; from < lent.size(); from += Reads.TOGETHER) {
            restoreLent(lent.subList(from, Math.min(from + Reads.TOGETHER, lent.size())));
        }
        batches.forEach(reads::read);
    }

    private boolean mayRead(Onboarding onboarding) {
        return onboarding.inFlight() < READS_AT_LEAST || onboarding.inFlightBytes() < WINDOW_BYTES;
    }

    /** One call for many blocks costs a tier or a peer hardly more than one for a single block. */
    private boolean isHalfDone(Onboarding onboarding) {
        return onboarding.inFlight() <= chain.maxReads() / 2
                && (onboarding.inFlight() <= READS_AT_LEAST / 2
                        || onboarding.inFlightBytes() <= WINDOW_BYTES / 2);
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

    void read(ReadBatch batch, long nanos) {
        List<Slices> found = new ArrayList<>(batch.slices().size());
        for (int i = 0; i < batch.slices().size(); i++) {
            Slices slices = batch.slices().get(i);
            Piece piece = slices.piece;
            GetOutcome outcome = batch.outcome(i);
            measures.read(piece.lane, outcome, slices.bytes, slices.wave == 0);
            piece.lane.answered(piece.key, outcome, nanos);
            if (outcome == GetOutcome.FOUND && piece.hasPlace()) {
                found.add(slices);
            } else {
                end(slices, outcome == GetOutcome.FOUND, nanos);
            }
        }
        // What did not come may have ended the fetch: then nothing of it has a place any more.
        found.removeIf(slices -> endsWithoutPlace(slices, nanos));
        if (!found.isEmpty()) {
            restore(found);
        }
    }

    void wentStraight(StraightBatch batch, long nanos) {
        for (int i = 0; i < batch.slices().size(); i++) {
            Slices slices = batch.slices().get(i);
            GetOutcome outcome = batch.outcome(i);
            Lane lane = slices.piece.lane;
            slices.piece.straight.remove(slices);
            measures.read(lane, outcome, slices.bytes, slices.wave == 0);
            lane.answered(slices.piece.key, outcome, nanos);
            if (batch.failure(i) != null) {
                measures.restoreFailed();
            }
            copied(slices, outcome == GetOutcome.FOUND && batch.failure(i) == null, nanos);
        }
    }

    private void copied(Slices slices, boolean arrived, long nanos) {
        Piece piece = slices.piece;
        // What was given up before it was copied has come nowhere.
        if (arrived && !slices.isGivenUp()) {
            arrived(slices, nanos);
        }
        if (slices.heldForCopy) {
            piece.restoring--;
            restoring--;
        }
        end(slices, arrived, nanos);
        if (piece.onboarding.isReleased() && piece.restoring == 0) {
            giveBack(piece);
        }
    }

    private boolean endsWithoutPlace(Slices slices, long nanos) {
        boolean hasNone = !slices.piece.hasPlace();
        if (hasNone) {
            end(slices, true, nanos);
        }
        return hasNone;
    }

    private void restore(List<Slices> together) {
        var batch = new RestoreBatch(together, mailbox);
        for (int i = 0; i < together.size(); i++) {
            Slices slices = together.get(i);
            begins(slices);
            blocks.restore(
                    slices.piece.group(),
                    slices.piece.block,
                    slices.firstLayer,
                    slices.layers,
                    slices.lease,
                    batch.ofSound(i));
        }
    }

    /** From where the tier lends them: verified and copied at once, and told of together. */
    private void restoreLent(List<Slices> together) {
        var batch = new RestoreBatch(together, mailbox);
        for (int i = 0; i < together.size(); i++) {
            Slices slices = together.get(i);
            begins(slices);
            blocks.restoreLent(
                    slices.piece.group(),
                    slices.piece.block,
                    slices.firstLayer,
                    slices.layers,
                    slices.lent,
                    batch.of(i));
        }
    }

    private void begins(Slices slices) {
        slices.piece.restoring++;
        restoring++;
    }

    void restored(RestoreBatch batch, long nanos) {
        for (int i = 0; i < batch.slices().size(); i++) {
            restored(batch.slices().get(i), batch.isSound(i), batch.failure(i), nanos);
        }
    }

    private void restored(Slices slices, boolean sound, Throwable failure, long nanos) {
        Piece piece = slices.piece;
        piece.restoring--;
        restoring--;
        if (failure != null) {
            measures.restoreFailed();
        } else if (sound) {
            arrived(slices, nanos);
        }
        if (!sound && !piece.onboarding.isReleased() && !piece.onboarding.gate().isBroken()) {
            readAgain(slices, nanos);
        } else {
            end(slices, sound && failure == null, nanos);
        }
        if (piece.onboarding.isReleased() && piece.restoring == 0) {
            giveBack(piece);
        }
    }

    /** What was lent is wrong: it is read, so that the tier finds out and drops it. */
    private void readAgain(Slices slices, long nanos) {
        slices.piece.mustBeRead();
        slices.piece.lane.ended(0, 0, nanos);
        slices.piece.onboarding.readAgain(slices);
        readOn(slices.piece.onboarding, nanos);
    }

    private void arrived(Slices slices, long nanos) {
        Piece piece = slices.piece;
        if (slices.lent != null) {
            measures.read(piece.lane, GetOutcome.FOUND, slices.bytes, slices.wave == 0);
            piece.lane.answered(piece.key, GetOutcome.FOUND, nanos);
        }
        piece.missingLayers -= slices.layers;
        System.arraycopy(
                slices.checksums(),
                slices.firstLayer,
                piece.checksums,
                slices.firstLayer,
                slices.layers);
        if (piece.missingLayers == 0) {
            if (!piece.onboarding.isReleased()) {
                device.filled(piece.place, piece.block, piece.tokens);
            }
            coming.remove(piece.key, piece.onboarding);
        }
        piece.onboarding.arrived(slices);
    }

    private void end(Slices slices, boolean arrived, long nanos) {
        Piece piece = slices.piece;
        Onboarding onboarding = piece.onboarding;
        boolean isWhole = slices.lent == null && !onboarding.waves().areMany();
        if (arrived && isWhole) {
            BlockBytes bytes =
                    new BlockBytes(
                            slices.read.layout(), slices.lease, slices.read.sliceChecksums());
            stores.promote(piece.key, bytes, onboarding.salt(), piece.lane);
        } else {
            if (slices.lent == null) {
                slices.lease.close();
            }
            if (arrived && piece.missingLayers == 0) {
                stores.promoteFromDevice(piece.key, onboarding.salt(), piece.lane);
            }
        }
        piece.lane.ended(slices.bytes, arrived ? slices.bytes : 0, nanos);
        onboarding.readEnded(slices);
        if (!arrived) {
            // What follows a gap is of no use.
            stop(onboarding);
        }
        if (onboarding.hasMoreToRead()) {
            if (isHalfDone(onboarding)) {
                readOn(onboarding, nanos);
            }
        } else if (onboarding.inFlight() == 0) {
            over(onboarding, nanos);
            CanarySample sample = onboarding.sample();
            if (sample != null) {
                canary.accept(sample);
            }
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
        pieces.forEach(this::giveUpStraight);
        for (int i = pieces.size() - 1; i >= 0; i--) {
            // A block that is being written comes back when that has ended.
            if (pieces.get(i).restoring == 0) {
                giveBack(pieces.get(i));
            }
        }
        List<BlockPlace> kept = onboarding.kept();
        for (int i = kept.size() - 1; i >= 0; i--) {
            device.release(kept.get(i).group(), kept.get(i).block());
        }
    }

    /** What has not come yet is not copied into a block that others may have by then. */
    private void giveUpStraight(Piece piece) {
        for (Slices slices : piece.straight) {
            if (!slices.giveUp()) {
                slices.heldForCopy = true;
                begins(slices);
            }
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
        Onboarding probe = new Onboarding(List.of(), "", new Waves(1, keys.layers()), 0, 0);
        probe.leave();
        probe.add(piece(probe, last, BlockPool.NONE, new int[0]), nanos);
        probe.lineUp(keys.groups(), nanos);
        readOn(probe, nanos);
    }
}
