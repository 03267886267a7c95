package dev.cairn.distribution.wiring;

import dev.cairn.distribution.bench.EngineBenchmark;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.ports.engine.DeviceProbe;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** Makes runners that are to be measured, with a KV cache for the largest case. */
@Singleton
public final class BenchmarkRunner {

    /**
     * Streams of the widest decode case, with what they read and write; more than the longest
     * sequence.
     */
    private static final long CACHE_TOKENS = 8192;

    private final Configuration configuration;
    private final EngineChoice engines;

    @Inject
    BenchmarkRunner(Configuration configuration, EngineChoice engines) {
        this.configuration = configuration;
        this.engines = engines;
    }

    /**
     * @throws dev.cairn.ports.model.ModelException if the engine cannot run the model
     */
    public ModelRunner open(ModelArtifact artifact) {
        return open(artifact, CACHE_TOKENS, EngineBenchmark.longest(), EngineBenchmark.widest());
    }

    /**
     * @param cacheTokens of all sequences together
     * @param longest tokens of a sequence
     * @param widest sequences at once
     * @throws dev.cairn.ports.model.ModelException if the engine cannot run the model
     */
    public ModelRunner open(ModelArtifact artifact, long cacheTokens, int longest, int widest) {
        RunnerSettings settings = RunnerSettings.read(configuration);
        RunnerOptions options =
                new RunnerOptions(
                        settings.weightType(),
                        settings.kvType(),
                        settings.blockTokens(),
                        cacheTokens * bytesPerToken(artifact),
                        Math.min(longest, artifact.architecture().maxPositions()),
                        settings.maxTokensPerStep(),
                        widest);
        try (LoadBar bar = LoadBar.onTerminal(artifact.defaultName())) {
            return engines.choose().engine().factory().create(artifact, options, bar);
        }
    }

    /** What the engine's device does at best; nothing for one without a device of its own. */
    public List<DeviceProbe.Rate> deviceRates(DeviceProbe probe) {
        return engines.choose().engine().factory().deviceRates(probe);
    }

    /** Keys and values of one token in float32, the widest type. */
    private static long bytesPerToken(ModelArtifact artifact) {
        long elements = 0;
        for (LayerArchitecture layer : artifact.architecture().layers()) {
            elements += 2L * layer.attention().keyValueHeads() * layer.attention().headSize();
        }
        return elements * Float.BYTES;
    }
}
