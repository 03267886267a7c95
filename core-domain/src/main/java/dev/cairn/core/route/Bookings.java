package dev.cairn.core.route;

import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import java.util.Arrays;

/**
 * What was sent to workers and is not over: the load that they do not report yet, because they have
 * not seen it. What other routers booked there, a worker tells: both count. Where it reports more
 * than all that, somebody else sent it: of both the larger counts. Booked when a worker is picked;
 * a booking's prompt counts until its first token came, its blocks until it is released. Releasing
 * twice is harmless, so every way out may do it.
 *
 * <p>Threads: one router shard.
 */
public final class Bookings {

    private final long[] totalBlocks;
    private final int[] reading;
    private final int[] answering;
    private final long[] blocks;
    private final long[] promptTokens;
    private final LoadReport[] loads;
    private final LoadReport[] reported;

    private final OtherRouters[] others;

    private int open;

    /**
     * @param workers how many there may be
     * @param totalBlocks of each of them, as load reports count them
     */
    public Bookings(int workers, long totalBlocks) {
        this.totalBlocks = new long[workers];
        Arrays.fill(this.totalBlocks, totalBlocks);
        this.reading = new int[workers];
        this.answering = new int[workers];
        this.blocks = new long[workers];
        this.promptTokens = new long[workers];
        this.loads = new LoadReport[workers];
        this.reported = new LoadReport[workers];
        this.others = new OtherRouters[workers];
        Arrays.fill(others, OtherRouters.NONE);
    }

    /** Somebody else has this number now, with nothing booked yet. */
    public void begin(int worker, long blocksInAll) {
        if (reading[worker] + answering[worker] > 0) {
            throw new IllegalStateException("bookings at worker " + worker + " are not released");
        }
        totalBlocks[worker] = blocksInAll;
        loads[worker] = null;
        reported[worker] = null;
        others[worker] = OtherRouters.NONE;
    }

    /** What a worker says of its load; whose requests they are it does not say. */
    public void reported(int worker, LoadReport load) {
        if (reported[worker] != load) {
            reported[worker] = load;
            loads[worker] = null;
        }
    }

    /** What a worker says of other routers. */
    void others(int worker, OtherRouters told) {
        if (!others[worker].equals(told)) {
            others[worker] = told;
            loads[worker] = null;
        }
    }

    /** What a worker said last of other routers. */
    OtherRouters others(int worker) {
        return others[worker];
    }

    /** What other routers booked at a worker. */
    public LoadReport elsewhere(int worker) {
        return others[worker].booked();
    }

    /** Blocks that a worker has in all, as it was said when it came; 0 = not known. */
    long totalBlocks(int worker) {
        return totalBlocks[worker];
    }

    /** What a worker said last of its load; null if it has said nothing. */
    LoadReport reported(int worker) {
        return reported[worker];
    }

    /** Bookings that were not released. */
    public int open() {
        return open;
    }

    /** The load of a worker. The same object as long as nothing changes there. */
    public LoadReport load(int worker) {
        if (loads[worker] == null) {
            LoadReport booked = own(worker).plus(others[worker].booked());
            loads[worker] = reported[worker] == null ? booked : larger(booked, reported[worker]);
        }
        return loads[worker];
    }

    /** What was booked here. */
    public LoadReport own(int worker) {
        return new LoadReport(
                answering[worker],
                reading[worker],
                blocks[worker],
                totalBlocks[worker],
                promptTokens[worker]);
    }

    private static LoadReport larger(LoadReport booked, LoadReport reported) {
        int requests =
                Math.max(
                        booked.running() + booked.waiting(),
                        reported.running() + reported.waiting());
        int waiting = Math.max(booked.waiting(), reported.waiting());
        return new LoadReport(
                requests - waiting,
                waiting,
                Math.max(booked.usedBlocks(), reported.usedBlocks()),
                Math.max(booked.totalBlocks(), reported.totalBlocks()),
                Math.max(booked.waitingPrefillTokens(), reported.waitingPrefillTokens()));
    }

    /**
     * Books a request.
     *
     * @param uncachedTokens prompt tokens that the worker has to compute, as far as is known
     * @param sequenceBlocks blocks that the prompt takes
     */
    public Booking book(int worker, int uncachedTokens, int sequenceBlocks) {
        open++;
        reading[worker]++;
        promptTokens[worker] += uncachedTokens;
        blocks[worker] += sequenceBlocks;
        loads[worker] = null;
        return new Booking(worker, uncachedTokens, sequenceBlocks);
    }

    /** A request's place at a worker. */
    public final class Booking {

        private final int worker;
        private final int tokens;
        private final int sequenceBlocks;
        private boolean isReading = true;
        private boolean isReleased;

        private Booking(int worker, int tokens, int sequenceBlocks) {
            this.worker = worker;
            this.tokens = tokens;
            this.sequenceBlocks = sequenceBlocks;
        }

        public int worker() {
            return worker;
        }

        /** Prompt tokens that are believed to be computed for it. */
        public int tokens() {
            return tokens;
        }

        /** Blocks that its prompt takes. */
        public int sequenceBlocks() {
            return sequenceBlocks;
        }

        /** Whether its prompt counts. */
        boolean isReading() {
            return isReading;
        }

        boolean isReleased() {
            return isReleased;
        }

        /** The prompt is computed: it counts no more. */
        public void firstToken() {
            if (isReading && !isReleased) {
                isReading = false;
                reading[worker]--;
                answering[worker]++;
                promptTokens[worker] -= tokens;
                loads[worker] = null;
            }
        }

        /** The request is over, whatever the reason. */
        public void release() {
            firstToken();
            if (!isReleased) {
                isReleased = true;
                answering[worker]--;
                blocks[worker] -= sequenceBlocks;
                loads[worker] = null;
                open--;
            }
        }
    }
}
