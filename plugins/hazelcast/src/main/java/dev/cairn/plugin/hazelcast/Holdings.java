package dev.cairn.plugin.hazelcast;

import dev.cairn.plugin.hazelcast.Question.Contents;
import dev.cairn.plugin.hazelcast.Question.ContentsAnswer;
import dev.cairn.plugin.hazelcast.Question.Differences;
import dev.cairn.plugin.hazelcast.Question.DifferencesAnswer;
import dev.cairn.ports.cache.BlockKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What this member holds, the one true copy, and the changes that the others were not told yet.
 *
 * <p>Changes wait in a queue of fixed size. If it is full they are left out, and a number is
 * skipped in the sequence of batches, by which the others see that they must ask.
 *
 * <p>Threads: any; a lock is held for as long as a few keys take, and never while anything is sent.
 */
final class Holdings {

    /** Most changes in one batch: 70 KB. */
    static final int BATCH = 4096;

    /** About how many blocks an answer carries. */
    private static final int ANSWER = 16_384;

    private final BlockDigest digest;
    private final TierNames tiers = new TierNames();
    private final HolderTable table;
    private final Buckets buckets = new Buckets();
    private final ReentrantLock lock = new ReentrantLock();
    private final long[] highs;
    private final long[] lows;
    private final byte[] whats;
    private int first;
    private int waiting;
    private boolean overflowed;
    private long sequence;
    private long refused;

    /**
     * @param most blocks that the others are told of
     * @param queue changes that may wait
     */
    Holdings(BlockDigest digest, int most, int queue) {
        this.digest = digest;
        this.table = new HolderTable(most);
        this.highs = new long[queue];
        this.lows = new long[queue];
        this.whats = new byte[queue];
    }

    void announce(List<BlockKey> keys, String tier) {
        lock.lock();
        try {
            int number = tiers.number(tier);
            if (number < 0) {
                throw new IllegalArgumentException(
                        "\"%s\" is no name for one of at most %d tiers"
                                .formatted(tier, TierNames.MOST));
            }
            long hash = tiers.hash(number);
            for (BlockKey key : keys) {
                long high = digest.high(key);
                long low = digest.low(key);
                if (table.add(high, low, number + 1)) {
                    buckets.add(high, low, hash);
                    queue(high, low, number);
                } else if (table.full()) {
                    refused++;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void withdraw(List<BlockKey> keys, String tier) {
        lock.lock();
        try {
            int number = tiers.all().indexOf(tier);
            if (number < 0) {
                return;
            }
            long hash = tiers.hash(number);
            for (BlockKey key : keys) {
                long high = digest.high(key);
                long low = digest.low(key);
                if (table.remove(high, low, number + 1)) {
                    buckets.remove(high, low, hash);
                    queue(high, low, number | Changes.GONE);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void queue(long high, long low, int what) {
        if (waiting == highs.length) {
            overflowed = true;
            return;
        }
        int place = (first + waiting) % highs.length;
        highs[place] = high;
        lows[place] = low;
        whats[place] = (byte) what;
        waiting++;
    }

    /**
     * Takes everything that waits, and tells where this member then stands.
     *
     * @param revision of its record
     */
    Outgoing drain(long revision) {
        lock.lock();
        try {
            List<Message.Batch> batches = new ArrayList<>();
            if (overflowed) {
                overflowed = false;
                sequence++;
            }
            while (waiting > 0) {
                batches.add(new Message.Batch(++sequence, take(Math.min(waiting, BATCH))));
            }
            return new Outgoing(batches, new Message.Beacon(revision, sequence, buckets.groups()));
        } finally {
            lock.unlock();
        }
    }

    private Changes take(int count) {
        long[] takenHighs = new long[count];
        long[] takenLows = new long[count];
        byte[] takenWhats = new byte[count];
        for (int i = 0; i < count; i++) {
            int place = (first + i) % highs.length;
            takenHighs[i] = highs[place];
            takenLows[i] = lows[place];
            takenWhats[i] = whats[place];
        }
        first = (first + count) % highs.length;
        waiting -= count;
        return new Changes(tiers.all(), takenHighs, takenLows, takenWhats);
    }

    DifferencesAnswer answer(Differences asked) {
        lock.lock();
        try {
            long groups = buckets.differing(asked.sums());
            ArrayList<long[]> sums = new ArrayList<>();
            for (int group = 0; group < Buckets.GROUPS; group++) {
                if ((groups >>> group & 1) != 0) {
                    sums.add(buckets.group(group));
                }
            }
            // What waits is in the sums already; its batches come again and change nothing.
            return new DifferencesAnswer(
                    sequence, groups, sums.stream().flatMapToLong(Arrays::stream).toArray());
        } finally {
            lock.unlock();
        }
    }

    ContentsAnswer answer(Contents asked) {
        lock.lock();
        try {
            Gathered gathered = new Gathered();
            int answered = 0;
            while (answered < asked.buckets().size() && gathered.count < ANSWER) {
                table.visit(asked.buckets().get(answered), gathered);
                answered++;
            }
            return new ContentsAnswer(answered, gathered.changes(tiers.all()));
        } finally {
            lock.unlock();
        }
    }

    /** Blocks that the others know of. */
    int size() {
        return table.size();
    }

    /** Blocks that they do not, for want of room. */
    long refused() {
        return refused;
    }

    /**
     * @param beacon this member's state after the batches
     */
    record Outgoing(List<Message.Batch> batches, Message.Beacon beacon) {}

    /** Entries of this member's own table, whose holders are tiers. */
    private static final class Gathered implements HolderTable.Visitor {

        private long[] highs = new long[1024];
        private long[] lows = new long[1024];
        private byte[] whats = new byte[1024];
        private int count;

        @Override
        public void entry(long high, long low, int holder) {
            if (count == highs.length) {
                highs = Arrays.copyOf(highs, 2 * count);
                lows = Arrays.copyOf(lows, 2 * count);
                whats = Arrays.copyOf(whats, 2 * count);
            }
            highs[count] = high;
            lows[count] = low;
            whats[count++] = (byte) (holder - 1);
        }

        Changes changes(List<String> tiers) {
            return new Changes(
                    tiers,
                    Arrays.copyOf(highs, count),
                    Arrays.copyOf(lows, count),
                    Arrays.copyOf(whats, count));
        }
    }
}
