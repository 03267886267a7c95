package dev.cairn.distribution.plugin;

import dev.cairn.ports.fleet.RoutingPolicy;
import java.util.Arrays;
import java.util.List;

/**
 * A plugin's policy, on the path of every request: what it throws, or what is no number, costs a
 * request its policy but not its answer. All candidates are equal then, and one is drawn.
 *
 * <p>Threads: as the policy's.
 */
public final class UnloadablePolicy implements RoutingPolicy {

    private static final System.Logger LOG = System.getLogger(UnloadablePolicy.class.getName());

    private final RoutingPolicy policy;
    private final ClassLoader loader;
    private final String name;
    private final Knowledge knowledge;
    private boolean hasFailed;

    UnloadablePolicy(RoutingPolicy policy, ClassLoader loader) {
        this.policy = policy;
        this.loader = loader;
        this.name = policy.name();
        this.knowledge = policy.knowledge();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Knowledge knowledge() {
        return knowledge;
    }

    @Override
    public void costs(RouteQuestion question, List<Candidate> candidates, double[] costs) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            policy.costs(question, candidates, costs);
            for (int i = 0; i < candidates.size(); i++) {
                if (!Double.isFinite(costs[i])) {
                    throw new IllegalStateException("candidate " + i + " costs " + costs[i]);
                }
            }
        } catch (LinkageError | RuntimeException wrong) {
            tell(wrong);
            Arrays.fill(costs, 0, candidates.size(), 0);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Override
    public List<Score> score(RouteQuestion question, List<Candidate> candidates) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            List<Score> scores = List.copyOf(policy.score(question, candidates));
            if (scores.size() == candidates.size()
                    && scores.stream().allMatch(score -> Double.isFinite(score.cost()))) {
                return scores;
            }
            throw new IllegalStateException("no cost, or none that is a number, for a candidate");
        } catch (LinkageError | RuntimeException wrong) {
            tell(wrong);
            return candidates.stream().map(_ -> new Score(0, "the policy failed")).toList();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Once: it will be the same for every request. */
    private void tell(Throwable wrong) {
        if (!hasFailed) {
            hasFailed = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the routing policy "
                            + name
                            + " failed; workers are drawn by lot where it does",
                    wrong);
        }
    }
}
