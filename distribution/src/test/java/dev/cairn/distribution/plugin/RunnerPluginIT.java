package dev.cairn.distribution.plugin;

import dev.cairn.distribution.wiring.Setup;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelFormat;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.tck.ModelRunnerContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The plugin's engine keeps the contract that the built-in engine keeps. */
class RunnerPluginIT extends ModelRunnerContract {

    @TempDir private static Path temporary;
    private static ModelRunnerFactory parrot;
    private static ModelArtifact model;

    @BeforeAll
    static void install() throws IOException {
        Path home = temporary.resolve("home");
        SamplePlugins.runner(temporary.resolve("a")).jar(home.resolve("plugins/parrot.jar"));
        Setup setup = SamplePlugins.setup(home);
        PluginContext context = SamplePlugins.context(setup);
        parrot =
                setup
                        .plugins()
                        .offers(ModelRunnerFactory.class, context, CairnPlugin::modelRunners)
                        .stream()
                        .filter(offer -> offer.plugin().name().equals("parrot"))
                        .map(PluginCatalog.Offer::extension)
                        .findFirst()
                        .orElseThrow();
        model =
                setup
                        .plugins()
                        .offers(ModelFormat.class, context, CairnPlugin::modelFormats)
                        .stream()
                        .map(PluginCatalog.Offer::extension)
                        .filter(format -> format.recognises("dummy:tiny"))
                        .findFirst()
                        .orElseThrow()
                        .open("dummy:tiny");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Override
    protected ModelRunner open() {
        return parrot.create(
                model,
                new RunnerOptions(Optional.empty(), Optional.empty(), 16, 1 << 20, 96, 64, 16));
    }
}
