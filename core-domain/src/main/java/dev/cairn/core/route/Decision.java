package dev.cairn.core.route;

import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import dev.cairn.ports.fleet.RoutingPolicy.Score;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Why a request went where: what the policy knew. Reasons are made when somebody asks, for a policy
 * gives the same answer every time.
 *
 * @param chosen index of the candidate
 * @param cost of it
 */
public record Decision(
        String request,
        long nanos,
        RoutingPolicy policy,
        RouteQuestion question,
        List<Candidate> candidates,
        int chosen,
        double cost) {

    public Decision {
        candidates = List.copyOf(candidates);
    }

    public String worker() {
        return candidates.get(chosen).worker();
    }

    /** What spoke for and against every candidate. */
    public List<Score> scores() {
        return policy.score(question, candidates);
    }

    /**
     * One object for logs and {@code explain}.
     *
     * @param most candidates to show, the cheapest first
     */
    public JsonObject json(int most) {
        List<Score> scores = scores();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            order.add(i);
        }
        order.sort(
                Comparator.<Integer>comparingInt(i -> i == chosen ? 0 : 1)
                        .thenComparingDouble(i -> scores.get(i).cost()));
        List<JsonValue> shown =
                order.stream()
                        .limit(most)
                        .<JsonValue>map(i -> json(candidates.get(i), scores.get(i)))
                        .toList();
        return JsonObject.builder()
                .put("request", request)
                .put("nanos", nanos)
                .put("policy", policy.name())
                .put("worker", worker())
                .put("cost", cost)
                .put("reason", scores.get(chosen).reason())
                .put("prompt_tokens", question.promptTokens())
                .put("candidates", JsonValue.array(shown))
                .build();
    }

    private static JsonObject json(Candidate candidate, Score score) {
        JsonValue.Builder overlap = JsonObject.builder();
        candidate.overlapBlocks().forEach((tier, blocks) -> overlap.put(tier, (long) blocks));
        return JsonObject.builder()
                .put("worker", candidate.worker())
                .put("cost", score.cost())
                .put("overlap_blocks", overlap.build())
                .put("running", candidate.load().running())
                .put("waiting", candidate.load().waiting())
                .put("waiting_prefill_tokens", candidate.load().waitingPrefillTokens())
                .build();
    }
}
