package dev.cairn.core.cache;

import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the tiers' traffic measures. Threads: one mailbox records. */
final class TierMeasures {

    private final Telemetry.Counter reads;
    private final Telemetry.Counter readBytes;
    private final Telemetry.Counter puts;
    private final Telemetry.Counter putBytes;
    private final Telemetry.Counter corruptions;
    private final Telemetry.Counter notStored;
    private final Telemetry.Counter fetches;

    TierMeasures(Telemetry telemetry, List<TierLane> lanes) {
        reads =
                telemetry.counter(
                        "cairn:tier_reads_total",
                        "Blocks sought in a tier, by outcome",
                        List.of("tier", "outcome"));
        readBytes =
                telemetry.counter(
                        "cairn:tier_read_bytes_total",
                        "Bytes of verified blocks read from a tier",
                        List.of("tier"));
        puts =
                telemetry.counter(
                        "cairn:tier_puts_total",
                        "Blocks offered to a tier, by outcome",
                        List.of("tier", "outcome"));
        putBytes =
                telemetry.counter(
                        "cairn:tier_put_bytes_total", "Bytes stored in a tier", List.of("tier"));
        corruptions =
                telemetry.counter(
                        "cairn:tier_corruptions_total",
                        "Blocks that a tier gave back damaged; none was used",
                        List.of("tier"));
        notStored =
                telemetry.counter(
                        "cairn:blocks_not_stored_total",
                        "Computed blocks that no tier was offered, by reason",
                        List.of("reason"));
        fetches =
                telemetry.counter(
                        "cairn:fetches_cut_short_total",
                        "Fetches of a prefix that ended before all of it came, by reason",
                        List.of("reason"));
        for (TierLane lane : lanes) {
            Map<String, String> labels = Map.of("tier", lane.name());
            telemetry.gauge(
                    "cairn:tier_used_bytes",
                    "Bytes that a tier holds",
                    labels,
                    () -> lane.tier().usedBytes());
            telemetry.gauge(
                    "cairn:tier_quarantined",
                    "1 if nothing is read from a tier because it gave a wrong block; peers are"
                            + " counted",
                    labels,
                    () -> lane.isQuarantined() ? 1 : 0);
            telemetry.gauge(
                    "cairn:tier_capacity_bytes",
                    "Bytes that fit in a tier",
                    labels,
                    () -> lane.tier().capacityBytes());
        }
    }

    /** Slices of a block were read; it counts with its first ones, or where it fails. */
    void read(Lane lane, GetOutcome outcome, long bytes, boolean first) {
        if (first || outcome != GetOutcome.FOUND) {
            reads.add(1, lane.name(), outcome.name().toLowerCase(Locale.ROOT));
        }
        if (outcome == GetOutcome.FOUND) {
            readBytes.add(bytes, lane.name());
        } else if (outcome == GetOutcome.DAMAGED) {
            corruptions.add(1, lane.name());
        }
    }

    void put(TierLane lane, PutOutcome outcome, long bytes) {
        puts.add(1, lane.name(), outcome.name().toLowerCase(Locale.ROOT));
        if (outcome == PutOutcome.STORED) {
            putBytes.add(bytes, lane.name());
        }
    }

    void notStored(String reason) {
        notStored.add(1, reason);
    }

    void fetchRefused() {
        fetches.add(1, "no_device_blocks");
    }

    void restoreFailed() {
        fetches.add(1, "restore_failed");
    }

    void fetchLate() {
        fetches.add(1, "deadline");
    }
}
