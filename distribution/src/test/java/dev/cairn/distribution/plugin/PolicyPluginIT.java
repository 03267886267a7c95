package dev.cairn.distribution.plugin;

import dev.cairn.distribution.wiring.Setup;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.tck.RoutingPolicyContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The plugin's policy keeps the contract of every policy. */
class PolicyPluginIT extends RoutingPolicyContract {

    @TempDir private static Path temporary;
    private static RoutingPolicy first;

    @BeforeAll
    static void install() throws IOException {
        Path home = temporary.resolve("home");
        SamplePlugins.policy(temporary.resolve("a")).jar(home.resolve("plugins/first.jar"));
        Setup setup = SamplePlugins.setup(home);
        first =
                setup
                        .plugins()
                        .offers(
                                RoutingPolicy.class,
                                SamplePlugins.context(setup),
                                CairnPlugin::routingPolicies)
                        .stream()
                        .filter(offer -> offer.plugin().name().equals("first"))
                        .map(PluginCatalog.Offer::extension)
                        .findFirst()
                        .orElseThrow();
    }

    @Override
    protected RoutingPolicy policy() {
        return first;
    }
}
