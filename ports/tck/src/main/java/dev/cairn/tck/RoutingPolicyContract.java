package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import dev.cairn.ports.fleet.RoutingPolicy.Score;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What the router relies on in a {@link RoutingPolicy}: a finite, explained score for everybody,
 * and no memory.
 */
public abstract class RoutingPolicyContract {

    /** The policy under test. */
    protected abstract RoutingPolicy policy();

    @Test
    protected void everyCandidateGetsAFiniteExplainedScore() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            List<Candidate> candidates = candidates(random, 1 + random.nextInt(20));
            List<Score> scores = policy().score(question(random), candidates);
            assertThat(scores).hasSameSizeAs(candidates);
            for (Score score : scores) {
                assertThat(score.cost()).isFinite();
                assertThat(score.reason()).isNotBlank();
            }
        }
    }

    @Test
    protected void theSameQuestionGetsTheSameAnswer() {
        Random random = new Random(8);
        for (int round = 0; round < 200; round++) {
            List<Candidate> candidates = candidates(random, 8);
            RouteQuestion question = question(random);
            List<Score> first = policy().score(question, candidates);
            policy().score(question(random), candidates(random, 5));
            assertThat(policy().score(question, candidates)).isEqualTo(first);
        }
    }

    @Test
    protected void costsAreThoseOfTheScores() {
        Random random = new Random(9);
        for (int round = 0; round < 200; round++) {
            List<Candidate> candidates = candidates(random, 1 + random.nextInt(20));
            RouteQuestion question = question(random);
            double[] costs = new double[candidates.size()];
            policy().costs(question, candidates, costs);
            assertThat(policy().score(question, candidates).stream().mapToDouble(Score::cost))
                    .containsExactly(Arrays.stream(costs).boxed().toArray(Double[]::new));
        }
    }

    @Test
    protected void hasAName() {
        assertThat(policy().name()).matches("[a-z0-9]+(-[a-z0-9]+)*");
    }

    private static RouteQuestion question(Random random) {
        List<BlockHash> hashes = new ArrayList<>();
        for (int i = random.nextInt(30); i > 0; i--) {
            hashes.add(
                    new BlockHash(
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong()));
        }
        int tokens = hashes.size() * 16 + 1 + random.nextInt(15);
        return new RouteQuestion(
                "model",
                tokens,
                16,
                hashes,
                "session-" + random.nextInt(5),
                random.nextInt(1000),
                random.nextLong());
    }

    private static List<Candidate> candidates(Random random, int count) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long blocks = 1 + random.nextInt(1000);
            var load =
                    new LoadReport(
                            random.nextInt(40),
                            random.nextInt(20),
                            random.nextLong(blocks),
                            blocks,
                            random.nextInt(20_000));
            candidates.add(
                    new Candidate("worker-" + i, load, Map.of("device", random.nextInt(30))));
        }
        return candidates;
    }
}
