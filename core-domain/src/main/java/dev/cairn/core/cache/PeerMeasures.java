package dev.cairn.core.cache;

import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * What is measured per peer. Members come and go, and a label that was used once stays: beyond a
 * number of them, peers share one.
 *
 * <p>Threads: one mailbox records.
 */
final class PeerMeasures {

    private static final int MOST_LABELS = 64;
    private static final String OTHERS = "other";

    private final Telemetry.Counter reads;
    private final Telemetry.Counter avoidances;
    private final Set<String> labels = new HashSet<>();

    /**
     * @param quarantined how many peers nothing is read from any more; asked on any thread
     */
    PeerMeasures(Telemetry telemetry, DoubleSupplier quarantined) {
        telemetry.gauge(
                "cairn:tier_quarantined",
                "1 if nothing is read from a tier because it gave a wrong block; peers are"
                        + " counted",
                Map.of("tier", PeerLane.NAME),
                quarantined);
        reads =
                telemetry.counter(
                        "cairn:peer_reads_total",
                        "Blocks sought at a peer, by outcome; absent: the directory was wrong",
                        List.of("peer", "outcome"));
        avoidances =
                telemetry.counter(
                        "cairn:peer_avoided_total",
                        "Times that a peer was in trouble and avoided for a while",
                        List.of("peer"));
    }

    OfPeer of(String address) {
        if (labels.size() < MOST_LABELS) {
            labels.add(address);
        }
        return new OfPeer(labels.contains(address) ? address : OTHERS);
    }

    /** Of one peer. */
    final class OfPeer {

        private final String label;

        private OfPeer(String label) {
            this.label = label;
        }

        void read(GetOutcome outcome) {
            reads.add(1, label, outcome.name().toLowerCase(Locale.ROOT));
        }

        void avoided() {
            avoidances.add(1, label);
        }
    }
}
