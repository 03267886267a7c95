package dev.cairn.storage.slots;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.cache.TierCounts;
import dev.cairn.ports.cache.TierRates;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What a tier counts and measures of itself. Reads and writes are published by whoever asks for
 * them, for every tier alike; published here is what only the tier sees.
 *
 * <p>Threads: the tier's lock.
 */
public final class TierMeters {

    private final RateMeter readRate;
    private final RateMeter writeRate;
    private final Telemetry telemetry;
    private final Telemetry.Counter evictions;
    private final Telemetry.Histogram seconds;
    private final String[] tierLabel;
    private final String[] getLabels;
    private final String[] putLabels;
    private long hits;
    private long misses;
    private long stored;
    private long evicted;
    private long damaged;
    private long dropped;
    private long failures;

    /**
     * @param firstGuess bytes per second, while nothing has been measured
     */
    public TierMeters(String tier, Telemetry telemetry, double firstGuess) {
        readRate = new RateMeter(firstGuess);
        writeRate = new RateMeter(firstGuess);
        this.telemetry = telemetry;
        evictions =
                telemetry.counter(
                        "cairn:tier_evictions_total",
                        "Blocks that left a cache tier for want of room or time.",
                        List.of("tier"));
        seconds =
                telemetry.histogram(
                        "cairn:tier_operation_seconds",
                        "Time that a cache tier took to read or write one block, its queue aside",
                        List.of("tier", "operation"),
                        1e-5,
                        1e-4,
                        1e-3,
                        1e-2,
                        1e-1,
                        1,
                        10);
        tierLabel = new String[] {tier};
        getLabels = new String[] {tier, "get"};
        putLabels = new String[] {tier, "put"};
    }

    /** What waits to be read or written, for whoever looks. */
    void queueIs(IntSupplier queued) {
        telemetry.gauge(
                "cairn:tier_queued_blocks",
                "Blocks that wait to be read from or written to a cache tier",
                Map.of("tier", tierLabel[0]),
                queued::getAsInt);
    }

    /** What is pinned, for whoever looks. */
    void pinnedIs(LongSupplier pinned) {
        telemetry.gauge(
                "cairn:tier_pinned_blocks",
                "Blocks that a cache tier keeps until they are unpinned or cleared",
                Map.of("tier", tierLabel[0]),
                pinned::getAsLong);
    }

    /** A block that is read in parts is a hit with its first one. */
    void read(BlockRead read, GetOutcome outcome, long nanos) {
        if (outcome == GetOutcome.FOUND) {
            hits += read.firstLayer() == 0 ? 1 : 0;
            readRate.measured(read.bytes(), nanos);
            seconds.record(nanos / 1e9, getLabels);
        } else {
            misses++;
        }
        if (outcome == GetOutcome.DAMAGED) {
            damaged++;
        } else if (outcome == GetOutcome.FAILED) {
            failures++;
        }
    }

    /** A block was lent to a reader, who copies it. */
    public void borrowed() {
        hits++;
    }

    /**
     * A put has ended.
     *
     * @param nanos that its bytes took; 0 = not measured
     */
    public void wrote(PutOutcome outcome, long ofBytes, long nanos) {
        if (outcome == PutOutcome.STORED) {
            stored++;
            if (nanos > 0) {
                writeRate.measured(ofBytes, nanos);
                seconds.record(nanos / 1e9, putLabels);
            }
        } else if (outcome == PutOutcome.FAILED || outcome == PutOutcome.READ_ONLY) {
            failures++;
        }
    }

    void dropped() {
        dropped++;
    }

    void evicted() {
        evicted++;
        evictions.add(1, tierLabel);
    }

    /** A block was found damaged by other means than a read. */
    public void damaged() {
        damaged++;
    }

    TierRates rates() {
        return new TierRates(
                readRate.bytesPerSecond(), writeRate.bytesPerSecond(), readRate.fixedNanos());
    }

    TierCounts counts(int blocks, int queued) {
        return new TierCounts(
                blocks, hits, misses, stored, evicted, damaged, dropped, failures, queued);
    }
}
