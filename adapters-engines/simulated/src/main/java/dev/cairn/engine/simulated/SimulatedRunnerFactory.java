package dev.cairn.engine.simulated;

import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.EngineAvailability;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.plugin.PluginContext;
import java.util.List;

/** Makes runners that take a model's shape and a cost model's time. Threads: any, at start. */
final class SimulatedRunnerFactory implements ModelRunnerFactory {

    static final String NAME = "simulated";

    private final PluginContext context;

    SimulatedRunnerFactory(PluginContext context) {
        this.context = context;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public EngineAvailability availability() {
        return new EngineAvailability(
                true,
                // Nobody gets made-up answers unless he asks for them.
                EngineAvailability.ONLY_BY_NAME,
                "computes nothing: made-up tokens after the time that a cost model says; only by name");
    }

    @Override
    public ModelRunner create(ModelArtifact model, RunnerOptions options) {
        CostModel costs = SimulatedSettings.costs(context.settings());
        ModelArchitecture architecture = model.architecture();
        KvType type = options.kvType().orElse(KvType.BFLOAT16);
        GroupShares groups = GroupShares.of(architecture, type, options);
        if (groups.groups().isEmpty()) {
            throw new ModelException(
                    "%s: a KV cache of %d bytes holds no block of %d tokens; give more"
                            .formatted(
                                    model.defaultName(),
                                    options.cacheBytes(),
                                    options.blockTokens()));
        }
        return new SimulatedRunner(
                new RunnerDescription(
                        NAME,
                        "SIMULATED, answers are made up; steps take the time of " + costs.subject(),
                        model.fingerprint(),
                        new ComputeIdentity(NAME + "/" + type.label()),
                        groups.groups(),
                        groups.blocks(),
                        architecture.vocabularySize(),
                        Math.min(architecture.maxPositions(), options.maxModelLength()),
                        options.maxTokensPerStep(),
                        Math.min(options.maxSequencesPerStep(), options.maxTokensPerStep()),
                        options.maxTokensPerStep(),
                        1,
                        model.weights().storedBytes(),
                        cacheBytes(groups)),
                costs,
                context.clock(),
                context.timers());
    }

    private static long cacheBytes(GroupShares groups) {
        List<LayerGroup> all = groups.groups();
        long bytes = 0;
        for (LayerGroup group : all) {
            bytes += group.layout().blockBytes() * groups.blocks().get(group.index());
        }
        return bytes;
    }
}
