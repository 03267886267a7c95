package dev.cairn.distribution.plugin;

import dev.cairn.distribution.wiring.Setup;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.tck.BlockTierContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The plugin's tier keeps the contract of every tier. */
class TierPluginIT extends BlockTierContract {

    @TempDir private static Path temporary;
    private static Extension<BlockTier> sieve;

    @BeforeAll
    static void install() throws IOException {
        Path home = temporary.resolve("home");
        SamplePlugins.tier(temporary.resolve("a")).jar(home.resolve("plugins/sieve.jar"));
        Setup setup = SamplePlugins.setup(home);
        sieve =
                setup
                        .plugins()
                        .extensions(SamplePlugins.context(setup), CairnPlugin::blockTiers)
                        .stream()
                        .filter(offer -> offer.plugin().name().equals("sieve"))
                        .map(PluginCatalog.Offer::extension)
                        .findFirst()
                        .orElseThrow();
    }

    @Override
    protected BlockTier open() {
        return sieve.open().get();
    }
}
