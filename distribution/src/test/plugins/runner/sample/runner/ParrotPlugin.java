package sample.runner;

import com.fasterxml.jackson.core.json.PackageVersion;
import dev.cairn.ports.engine.EngineAvailability;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import java.util.List;
import java.util.OptionalLong;

/** An engine that can be told a word to repeat. */
public final class ParrotPlugin implements CairnPlugin {

    private static final String WORD = "cairn.engine.parrot.word";

    @Override
    public String name() {
        return "parrot";
    }

    @Override
    public List<SettingDescription> settings() {
        return List.of(
                SettingDescription.optional(
                        WORD, SettingDescription.Type.INTEGER, "Token that is said all the time."));
    }

    @Override
    public List<ModelRunnerFactory> modelRunners(PluginContext context) {
        OptionalLong word = context.settings().integer(WORD);
        String report =
                "jackson "
                        + PackageVersion.VERSION
                        + ", loader "
                        + Thread.currentThread().getContextClassLoader().getName();
        return List.of(new Factory(word, report));
    }

    private record Factory(OptionalLong word, String report) implements ModelRunnerFactory {

        @Override
        public String name() {
            return "parrot";
        }

        @Override
        public EngineAvailability availability() {
            return new EngineAvailability(true, -10, report);
        }

        @Override
        public ModelRunner create(ModelArtifact model, RunnerOptions options) {
            return new ParrotRunner(model, options, word, report);
        }
    }
}
