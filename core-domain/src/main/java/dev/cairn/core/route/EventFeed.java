package dev.cairn.core.route;

import dev.cairn.ports.cache.KvEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Keeps a {@link PrefixIndex} true to its workers although batches of events get lost. A jump in a
 * worker's sequence numbers is a gap: it is closed by replay; where the worker no longer has what
 * is missing, the index is stale for it until digests were compared and the ranges that differ
 * listed. A sequence that goes back is a worker that has started anew and holds nothing.
 *
 * <p>What comes while a gap is open waits, up to a bound; beyond it the gap is given up as one that
 * cannot be replayed.
 *
 * <p>Threads: the index's writer.
 */
public final class EventFeed {

    private static final int MOST_TRIES = 8;

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

        /** The number of the batch that comes next. */
        private long next;

        private boolean isReplaying;
        private boolean isStale;
        private int tries;

        /** Ranges that differ and were not listed yet, by tier and range. */
        private final Set<FeedCommand> asked = new HashSet<>();

        /** What came after a gap, by number. */
        private final TreeMap<Long, List<KvEvent>> waiting = new TreeMap<>();
    }

    /** Gaps that were found since the start. */
    public long gaps() {
        return gaps;
    }

    /** Whether what the index says of a worker may be wrong. */
    public boolean isStale(int worker) {
        State state = states[worker];
        return state != null && (state.isStale || state.isReplaying);
    }

    /** A worker published a batch. */
    public List<FeedCommand> batch(int worker, long sequence, List<KvEvent> events) {
        State state = state(worker);
        if (sequence < state.next && !state.isReplaying) {
            begin(worker);
            state = state(worker);
        }
        if (!state.isReplaying && sequence == state.next) {
            apply(worker, state, events);
            return List.of();
        }
        state.waiting.put(sequence, List.copyOf(events));
        if (state.isReplaying) {
            return state.waiting.size() > mostWaiting ? replayEnded(worker) : List.of();
        }
        gaps++;
        state.isReplaying = true;
        return List.of(new FeedCommand.Replay(worker, state.next));
    }

    /** A batch that was asked for again. */
    public void replayed(int worker, long sequence, List<KvEvent> events) {
        State state = state(worker);
        if (state.isReplaying && sequence >= state.next) {
            // Beyond the next one: the worker kept no more than this.
            state.isStale |= sequence > state.next;
            state.next = sequence;
            apply(worker, state, events);
        }
    }

    /**
     * No more comes of what was asked for again: it is all there, or the worker cannot be asked.
     */
    public List<FeedCommand> replayEnded(int worker) {
        State state = state(worker);
        state.isReplaying = false;
        for (Map.Entry<Long, List<KvEvent>> entry : state.waiting.entrySet()) {
            if (entry.getKey() >= state.next) {
                state.isStale |= entry.getKey() > state.next;
                state.next = entry.getKey();
                apply(worker, state, entry.getValue());
            }
        }
        state.waiting.clear();
        return state.isStale ? List.of(new FeedCommand.AskDigests(worker)) : List.of();
    }

    /** The worker is gone, or a channel that comes back begins with it anew. */
    public void begin(int worker) {
        index.cleared(worker);
        states[worker] = new State();
    }

    /**
     * A worker said what it holds: asked, or from time to time, for a count of copies that was lost
     * shows only when a copy goes.
     *
     * @param sequence of the last batch that it had published by then
     * @param digests one per tier of the index
     */
    public List<FeedCommand> digests(int worker, long sequence, List<BlockDigest> digests) {
        State state = state(worker);
        if (state.isReplaying) {
            return List.of();
        }
        if (sequence != state.next - 1) {
            return state.isStale ? askAgain(worker, state) : List.of();
        }
        state.asked.clear();
        List<FeedCommand> asked = new ArrayList<>();
        for (int tier = 0; tier < digests.size(); tier++) {
            for (int range = 0; range < BlockDigest.RANGES; range++) {
                if (digests.get(tier).sum(range) != index.digest(worker, tier).sum(range)) {
                    asked.add(new FeedCommand.AskKeys(worker, tier, range));
                }
            }
        }
        state.asked.addAll(asked);
        state.isStale = !asked.isEmpty();
        return asked;
    }

    /**
     * A worker listed the keys of a range.
     *
     * @param sequence of the last batch that it had published by then
     * @param keys in any order
     */
    public List<FeedCommand> keys(int worker, int tier, int range, long sequence, long[] keys) {
        State state = state(worker);
        if (!state.asked.contains(new FeedCommand.AskKeys(worker, tier, range))) {
            return List.of();
        }
        if (state.isReplaying || sequence != state.next - 1) {
            state.asked.clear();
            return askAgain(worker, state);
        }
        long[] sorted = keys.clone();
        Arrays.sort(sorted);
        index.retain(worker, tier, range, sorted);
        for (int i = 0; i < sorted.length; i++) {
            if (!index.holds(worker, tier, sorted[i])) {
                index.stored(worker, tier, PrefixIndex.NO_PARENT, sorted, i, i + 1);
            }
        }
        state.asked.remove(new FeedCommand.AskKeys(worker, tier, range));
        if (state.asked.isEmpty()) {
            state.isStale = false;
            state.tries = 0;
        }
        return List.of();
    }

    /** It has gone on meanwhile. One that never rests stays stale until the next gap. */
    private static List<FeedCommand> askAgain(int worker, State state) {
        return ++state.tries > MOST_TRIES ? List.of() : List.of(new FeedCommand.AskDigests(worker));
    }

    private void apply(int worker, State state, List<KvEvent> events) {
        events.forEach(event -> index.apply(worker, event));
        state.next++;
    }

    private State state(int worker) {
        if (states[worker] == null) {
            states[worker] = new State();
        }
        return states[worker];
    }
}
