package dev.cairn.distribution.incident;

import dev.cairn.core.route.IncidentReplay.Comparison;
import dev.cairn.core.route.IncidentReplay.Difference;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What came of a replayed log.
 *
 * @param decisions that were made again
 * @param difference the first one that came out otherwise
 * @param comparison with another policy; without decisions if none was asked
 * @param remarks on the files
 */
public record IncidentReport(
        long decisions,
        Optional<Difference> difference,
        Comparison comparison,
        List<String> remarks) {

    public IncidentReport {
        remarks = List.copyOf(remarks);
    }

    /** Whether every decision came out as it is in the log, and there was one. */
    public boolean isIdentical() {
        return difference.isEmpty() && decisions > 0;
    }

    /** For people. */
    public String text(Optional<String> other) {
        StringBuilder text = new StringBuilder();
        remarks.forEach(remark -> text.append(remark).append('\n'));
        text.append(
                difference
                        .map(first -> "not the same: " + first.text())
                        .orElse(decisions + " decisions, all as they are in the log"));
        text.append('\n');
        other.filter(_ -> comparison.decisions() > 0)
                .ifPresent(policy -> text.append(compared(policy)));
        return text.toString();
    }

    private String compared(String policy) {
        double decisionsInAll = comparison.decisions();
        return String.format(
                Locale.ROOT,
                """
                %s would have decided %.1f %% of %d the same way
                  prompt tokens believed to be cached  %,d as it was, %,d by %s
                  mean cost, as %s reckons             %.2f as it was, %.2f by %s
                """,
                policy,
                100 * comparison.agreed() / decisionsInAll,
                comparison.decisions(),
                comparison.cachedTokens(),
                comparison.otherCachedTokens(),
                policy,
                policy,
                comparison.cost() / decisionsInAll,
                comparison.otherCost() / decisionsInAll,
                policy);
    }

    /** For programs. */
    public JsonObject json(Optional<String> other) {
        JsonValue.Builder json =
                JsonObject.builder()
                        .put("decisions", decisions)
                        .put("identical", isIdentical())
                        .put(
                                "remarks",
                                JsonValue.array(
                                        remarks.stream()
                                                .<JsonValue>map(JsonValue.JsonString::new)
                                                .toList()));
        difference.ifPresent(
                first ->
                        json.put("first_difference", first.text())
                                .put("first_difference_decision", first.decision()));
        other.ifPresent(
                policy ->
                        json.put(
                                "comparison",
                                JsonObject.builder()
                                        .put("policy", policy)
                                        .put("decisions", comparison.decisions())
                                        .put("agreed", comparison.agreed())
                                        .put("cached_tokens", comparison.cachedTokens())
                                        .put(
                                                "cached_tokens_by_policy",
                                                comparison.otherCachedTokens())
                                        .put("cost", comparison.cost())
                                        .put("cost_by_policy", comparison.otherCost())
                                        .build()));
        return json.build();
    }
}
