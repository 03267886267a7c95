package dev.cairn.storage.slots;

import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.cache.TierCounts;
import dev.cairn.ports.cache.TierRates;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.Locale;

/**
 * What a tier counts and measures of itself.
 *
 * <p>Threads: the tier's lock.
 */
public final class TierMeters {

    private final RateMeter readRate;
    private final RateMeter writeRate;
    private final Telemetry.Counter reads;
    private final Telemetry.Counter writes;
    private final Telemetry.Counter evictions;
    private final Telemetry.Counter bytes;
    private final String[][] readLabels = new String[GetOutcome.values().length][];
    private final String[][] writeLabels = new String[PutOutcome.values().length][];
    private final String[] tierLabel;
    private final String[] readBytes;
    private final String[] writtenBytes;
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
        reads =
                telemetry.counter(
                        "cairn:tier_reads_total",
                        "Blocks that a cache tier was asked for, by outcome.",
                        List.of("tier", "outcome"));
        writes =
                telemetry.counter(
                        "cairn:tier_writes_total",
                        "Blocks that a cache tier was given, by outcome.",
                        List.of("tier", "outcome"));
        evictions =
                telemetry.counter(
                        "cairn:tier_evictions_total",
                        "Blocks that left a cache tier for want of room or time.",
                        List.of("tier"));
        bytes =
                telemetry.counter(
                        "cairn:tier_bytes_total",
                        "Bytes that a cache tier has moved.",
                        List.of("tier", "direction"));
        tierLabel = new String[] {tier};
        readBytes = new String[] {tier, "read"};
        writtenBytes = new String[] {tier, "write"};
        for (GetOutcome outcome : GetOutcome.values()) {
            readLabels[outcome.ordinal()] = new String[] {tier, label(outcome)};
        }
        for (PutOutcome outcome : PutOutcome.values()) {
            writeLabels[outcome.ordinal()] = new String[] {tier, label(outcome)};
        }
    }

    private static String label(Enum<?> outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    void read(GetOutcome outcome, long ofBytes, long nanos) {
        reads.add(1, readLabels[outcome.ordinal()]);
        if (outcome == GetOutcome.FOUND) {
            hits++;
            bytes.add(ofBytes, readBytes);
            readRate.measured(ofBytes, nanos);
        } else {
            misses++;
        }
        if (outcome == GetOutcome.DAMAGED) {
            damaged++;
        } else if (outcome == GetOutcome.FAILED) {
            failures++;
        }
    }

    /**
     * A put has ended.
     *
     * @param nanos that its bytes took; 0 = not measured
     */
    public void wrote(PutOutcome outcome, long ofBytes, long nanos) {
        writes.add(1, writeLabels[outcome.ordinal()]);
        if (outcome == PutOutcome.STORED) {
            stored++;
            bytes.add(ofBytes, writtenBytes);
            if (nanos > 0) {
                writeRate.measured(ofBytes, nanos);
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
