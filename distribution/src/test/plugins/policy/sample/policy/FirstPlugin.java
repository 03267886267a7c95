package sample.policy;

import com.fasterxml.jackson.core.json.PackageVersion;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import java.util.ArrayList;
import java.util.List;

/** A policy that prefers the first. */
public final class FirstPlugin implements CairnPlugin {

    @Override
    public String name() {
        return "first";
    }

    @Override
    public List<RoutingPolicy> routingPolicies(PluginContext context) {
        return List.of(new First());
    }

    private static final class First implements RoutingPolicy {

        @Override
        public String name() {
            return "first-" + PackageVersion.VERSION.replace('.', '-');
        }

        @Override
        public List<Score> score(RouteQuestion question, List<Candidate> candidates) {
            List<Score> scores = new ArrayList<>();
            for (int i = 0; i < candidates.size(); i++) {
                scores.add(new Score(i, "place " + i));
            }
            return scores;
        }
    }
}
