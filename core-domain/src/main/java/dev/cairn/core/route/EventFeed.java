package dev.cairn.core.route;

import dev.cairn.ports.cache.HeldDigest;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvHoldings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Keeps a {@link PrefixIndex} true to its workers although batches of events get lost. A jump in a
 * worker's sequence numbers is a gap: it is closed by replay. Where the worker no longer has what
 * is missing, the index is stale for it until digests were compared and the ranges that differ
 * listed; of a worker that tells no digests everything is forgotten then, and learned anew from
 * what can be replayed, for a block that is not there costs more than one that is not known.
 *
 * <p>A batch of an earlier number is one heard twice, by the stream and by replay, or, if it was
 * published later than what is known, of a worker that has started anew and holds nothing.
 *
 * <p>What comes while a gap is open waits, up to a bound; beyond it the gap is given up as one that
 * cannot be replayed.
 *
 * <p>Threads: the index's writer.
 */
public final class EventFeed {

    private static final int MOST_TRIES = 8;

    /** Answers of one worker that wait for the stream: one per tier and range. */
    private static final int MOST_EARLY = 8 * BlockDigest.RANGES;

    private final PrefixIndex index;
    private final int mostWaiting;
    private final State[] states;
    private long gaps;

    /**
     * @param mostWaiting batches per worker that wait for a gap to close
     */
    public EventFeed(PrefixIndex index, int mostWaiting) {
        this.index = index;
        this.mostWaiting = mostWaiting;
        this.states = new State[index.options().mostWorkers()];
    }

    private static final class State {

        private final boolean tellsHoldings;
        private final EventTranslation translation;

        /** The number of the batch that comes next. */
        private long next;

        /** When the last one was published. */
        private long lastMicros = Long.MIN_VALUE;

        private boolean isReplaying;
        private boolean isStale;
        private int tries;

        /** Answers as of batches that have not come yet. */
        private final List<Early> early = new ArrayList<>();

        /** Ranges that differ and were not listed yet, by tier and range. */
        private final Set<FeedCommand> asked = new HashSet<>();

        /** What came after a gap, by number. */
        private final TreeMap<Long, KvEventBatch> waiting = new TreeMap<>();

        State(boolean tellsHoldings, EventTranslation translation) {
            this.tellsHoldings = tellsHoldings;
            this.translation = translation;
            translation.begin();
        }
    }

    /**
     * An answer that overtook the stream.
     *
     * @param sequence of the last batch published before it
     */
    private record Early(long sequence, Supplier<List<FeedCommand>> again) {}

    /** Gaps that were found since the start. */
    public long gaps() {
        return gaps;
    }

    /** Whether batches were asked for again and are waited for. */
    public boolean isReplaying(int worker) {
        return states[worker] != null && states[worker].isReplaying;
    }

    /** Whether what the index says of a worker may be wrong. */
    public boolean isStale(int worker) {
        State state = states[worker];
        return state != null && (state.isStale || state.isReplaying);
    }

    /** A worker comes, of whom nothing is known. */
    public List<FeedCommand> join(int worker, boolean tellsHoldings, EventTranslation translation) {
        index.cleared(worker);
        states[worker] = new State(tellsHoldings, translation);
        return replay(worker, states[worker]);
    }

    /** A channel comes back to its worker: what it missed, or whether that is the same, is open. */
    public List<FeedCommand> begin(int worker) {
        State state = states[worker];
        return join(worker, state.tellsHoldings, state.translation);
    }

    /** The worker is gone for good. */
    public void leave(int worker) {
        index.cleared(worker);
        states[worker] = null;
    }

    private static List<FeedCommand> replay(int worker, State state) {
        state.early.clear();
        state.isReplaying = true;
        return List.of(new FeedCommand.Replay(worker, state.next));
    }

    /** A worker published a batch. */
    public List<FeedCommand> batch(int worker, KvEventBatch batch) {
        State state = states[worker];
        if (!state.isReplaying && batch.sequence() < state.next) {
            if (batch.epochMicros() <= state.lastMicros) {
                return List.of();
            }
            index.cleared(worker);
            state = new State(state.tellsHoldings, state.translation);
            states[worker] = state;
        }
        if (!state.isReplaying && batch.sequence() == state.next) {
            apply(worker, state, batch);
            return state.early.isEmpty() ? List.of() : inTime(state);
        }
        state.waiting.put(batch.sequence(), batch);
        if (state.isReplaying) {
            return state.waiting.size() > mostWaiting ? replayEnded(worker) : List.of();
        }
        gaps++;
        return replay(worker, state);
    }

    /** A batch that was asked for again. */
    public void replayed(int worker, KvEventBatch batch) {
        State state = states[worker];
        if (state.isReplaying && batch.sequence() >= state.next) {
            catchUp(worker, state, batch);
        }
    }

    /**
     * No more comes of what was asked for again: it is all there, or the worker cannot be asked.
     */
    public List<FeedCommand> replayEnded(int worker) {
        State state = states[worker];
        state.isReplaying = false;
        for (KvEventBatch batch : state.waiting.values()) {
            if (batch.sequence() >= state.next) {
                catchUp(worker, state, batch);
            }
        }
        state.waiting.clear();
        return state.isStale ? List.of(new FeedCommand.AskDigests(worker)) : List.of();
    }

    /** Beyond the next one: the worker kept no more than this. */
    private void catchUp(int worker, State state, KvEventBatch batch) {
        if (batch.sequence() > state.next) {
            state.next = batch.sequence();
            if (state.tellsHoldings) {
                state.isStale = true;
            } else {
                index.cleared(worker);
                state.translation.begin();
            }
        }
        apply(worker, state, batch);
    }

    /**
     * A worker is stale, or has been quiet: whether anything was lost, the last batch for example,
     * only asking can tell.
     *
     * @param rested nothing was heard of it for a while, so what has not come by now is lost
     */
    public List<FeedCommand> ask(int worker, boolean rested) {
        State state = states[worker];
        if (state == null || state.isReplaying) {
            return List.of();
        }
        if (!state.tellsHoldings || rested && !state.early.isEmpty()) {
            return replay(worker, state);
        }
        state.tries = 0;
        return state.early.isEmpty() ? List.of(new FeedCommand.AskDigests(worker)) : List.of();
    }

    /**
     * A worker said what it holds: asked, or from time to time, for a count of copies that was lost
     * shows only when a copy goes.
     */
    public List<FeedCommand> digests(int worker, KvHoldings.Digests digests) {
        State state = states[worker];
        if (state.isReplaying) {
            return List.of();
        }
        if (digests.sequence() >= state.next) {
            return early(state, digests.sequence(), () -> digests(worker, digests));
        }
        if (digests.sequence() != state.next - 1) {
            return state.isStale ? askAgain(worker, state) : List.of();
        }
        state.asked.clear();
        for (int tier = 0; tier < index.options().tiers().size(); tier++) {
            List<Long> sums = sums(digests.tiers(), index.options().tiers().get(tier));
            for (int range = 0; range < BlockDigest.RANGES; range++) {
                if (sums.get(range) != index.digest(worker, tier).sum(range)) {
                    state.asked.add(new FeedCommand.AskKeys(worker, tier, range));
                }
            }
        }
        state.isStale = !state.asked.isEmpty();
        return new ArrayList<>(state.asked);
    }

    /** A tier that is not told of holds nothing; nor does one whose digest is none. */
    private static List<Long> sums(List<HeldDigest> tiers, String name) {
        for (HeldDigest digest : tiers) {
            if (digest.tier().equals(name) && digest.sums().size() == BlockDigest.RANGES) {
                return digest.sums();
            }
        }
        return BlockDigest.NOTHING;
    }

    /**
     * A worker listed the keys of a range.
     *
     * @param tier by number
     */
    public List<FeedCommand> keys(int worker, int tier, KvHoldings.Keys listed) {
        State state = states[worker];
        FeedCommand question = new FeedCommand.AskKeys(worker, tier, listed.range());
        if (!state.asked.contains(question)) {
            return List.of();
        }
        if (!state.isReplaying && listed.sequence() >= state.next) {
            return early(state, listed.sequence(), () -> keys(worker, tier, listed));
        }
        if (state.isReplaying || listed.sequence() != state.next - 1) {
            state.asked.clear();
            return askAgain(worker, state);
        }
        // A key of another range would never be forgotten again; none is 0.
        long[] sorted =
                Arrays.stream(listed.keys())
                        .filter(key -> key != 0 && BlockDigest.range(key) == listed.range())
                        .sorted()
                        .toArray();
        index.retain(worker, tier, listed.range(), sorted);
        for (int i = 0; i < sorted.length; i++) {
            if (!index.holds(worker, tier, sorted[i])) {
                index.stored(worker, tier, PrefixIndex.NO_PARENT, sorted, i, i + 1);
            }
        }
        state.asked.remove(question);
        if (state.asked.isEmpty()) {
            state.isStale = false;
            state.tries = 0;
        }
        return List.of();
    }

    /** Kept until the stream is there, or found to have lost something. */
    private static List<FeedCommand> early(
            State state, long sequence, Supplier<List<FeedCommand>> again) {
        if (state.early.size() < MOST_EARLY) {
            state.early.add(new Early(sequence, again));
        }
        return List.of();
    }

    private static List<FeedCommand> inTime(State state) {
        List<FeedCommand> commands = new ArrayList<>();
        List<Early> waiting = List.copyOf(state.early);
        for (Early answer : waiting) {
            if (answer.sequence < state.next && state.early.remove(answer)) {
                commands.addAll(answer.again.get());
            }
        }
        return commands;
    }

    /** It has gone on meanwhile. One that never rests stays stale until it is asked anew. */
    private static List<FeedCommand> askAgain(int worker, State state) {
        return ++state.tries > MOST_TRIES ? List.of() : List.of(new FeedCommand.AskDigests(worker));
    }

    private void apply(int worker, State state, KvEventBatch batch) {
        for (KvEvent event : batch.events()) {
            state.translation.translate(event).ifPresent(known -> index.apply(worker, known));
        }
        state.next = batch.sequence() + 1;
        state.lastMicros = batch.epochMicros();
    }
}
