package dev.cairn.core.route;

import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import dev.cairn.ports.fleet.RoutingPolicy.Score;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Why a request went where: what the policy knew. Reasons are made when somebody asks, for a policy
 * gives the same answer every time.
 *
 * @param chosen index of the candidate
 * @param cost of it
 * @param shadow what a policy beside it would have done
 */
public record Decision(
        String request,
        long nanos,
        PolicyInUse policy,
        RouteQuestion question,
        List<Candidate> candidates,
        int chosen,
        double cost,
        Optional<Shadowed> shadow) {

    private static final int REMEMBERED_HASHES = 8;
    private static final String DEVICE = "device";

    public Decision {
        candidates = List.copyOf(candidates);
    }

    /** By a policy that stays loaded, with none beside it. */
    public Decision(
            String request,
            long nanos,
            RoutingPolicy policy,
            RouteQuestion question,
            List<Candidate> candidates,
            int chosen,
            double cost) {
        this(
                request,
                nanos,
                PolicyInUse.of(policy),
                question,
                candidates,
                chosen,
                cost,
                Optional.empty());
    }

    /** Decisions are kept; of a long prompt policies look at the first blocks' hashes only. */
    static RouteQuestion remembered(RouteQuestion question) {
        return question.blockHashes().size() <= REMEMBERED_HASHES
                ? question
                : new RouteQuestion(
                        question.model(),
                        question.promptTokens(),
                        question.blockTokens(),
                        List.copyOf(question.blockHashes().subList(0, REMEMBERED_HASHES)),
                        question.session(),
                        question.ordinal(),
                        question.noise());
    }

    public String worker() {
        return candidates.get(chosen).worker();
    }

    /** What spoke for and against every candidate; empty if the policy is no longer loaded. */
    public Optional<List<Score>> scores() {
        return policy.score(question, candidates);
    }

    /**
     * What the same policy would have said of the same worker, had it known what that one found of
     * the prompt in its caches; where that is not what was believed, it counts as found in the
     * device.
     *
     * @param cachedTokens as the worker said; negative = it did not
     * @return empty also if the policy is no longer loaded
     */
    public OptionalDouble costWith(int cachedTokens) {
        if (cachedTokens < 0) {
            return OptionalDouble.empty();
        }
        Candidate believed = candidates.get(chosen);
        // A prompt that is held as a whole has its last token computed again.
        int blocks = Math.ceilDiv(cachedTokens, question.blockTokens());
        int before = believed.overlapBlocks().values().stream().mapToInt(each -> each).sum();
        if (blocks == before) {
            return OptionalDouble.of(cost);
        }
        List<Candidate> corrected = new ArrayList<>(candidates);
        corrected.set(
                chosen,
                new Candidate(
                        believed.worker(),
                        believed.load(),
                        blocks == 0 ? Map.of() : Map.of(DEVICE, blocks),
                        believed.elsewhere()));
        return policy.score(question, corrected).stream()
                .mapToDouble(scores -> scores.get(chosen).cost())
                .findFirst();
    }

    /**
     * One object for logs and {@code explain}.
     *
     * @param most candidates to show, the cheapest first
     */
    public JsonObject json(int most) {
        Optional<List<Score>> scores = scores();
        JsonValue.Builder json =
                JsonObject.builder()
                        .put("request", request)
                        .put("nanos", nanos)
                        .put("policy", policy.name())
                        .put("worker", worker())
                        .put("cost", cost)
                        .put(
                                "reason",
                                scores.map(all -> all.get(chosen).reason())
                                        .orElse("the policy that decided was replaced since"))
                        .put("prompt_tokens", question.promptTokens())
                        .put(
                                "candidates",
                                JsonValue.array(
                                        order(scores).stream()
                                                .limit(most)
                                                .<JsonValue>map(i -> candidate(i, scores))
                                                .toList()));
        shadow.ifPresent(other -> json.put("shadow", other.json()));
        return json.build();
    }

    /** Who was chosen first, then the cheapest. */
    private List<Integer> order(Optional<List<Score>> scores) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            order.add(i);
        }
        order.sort(
                Comparator.<Integer>comparingInt(i -> i == chosen ? 0 : 1)
                        .thenComparingDouble(
                                i -> scores.map(all -> all.get(i).cost()).orElse(0.0)));
        return order;
    }

    private JsonObject candidate(int index, Optional<List<Score>> scores) {
        Candidate candidate = candidates.get(index);
        JsonValue.Builder overlap = JsonObject.builder();
        candidate.overlapBlocks().forEach((tier, blocks) -> overlap.put(tier, (long) blocks));
        JsonValue.Builder json = JsonObject.builder().put("worker", candidate.worker());
        scores.ifPresent(all -> json.put("cost", all.get(index).cost()));
        json.put("overlap_blocks", overlap.build())
                .put("running", candidate.load().running())
                .put("waiting", candidate.load().waiting())
                .put("waiting_prefill_tokens", candidate.load().waitingPrefillTokens());
        LoadReport elsewhere = candidate.elsewhere();
        if (elsewhere.running() + elsewhere.waiting() > 0) {
            json.put("booked_by_other_routers", elsewhere.running() + elsewhere.waiting())
                    .put(
                            "prefill_tokens_booked_by_other_routers",
                            elsewhere.waitingPrefillTokens());
        }
        return json.build();
    }
}
