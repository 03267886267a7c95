package dev.cairn.serving;

import dev.cairn.core.block.CacheListener;
import dev.cairn.core.block.PrefixCaching;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.request.Inference;
import dev.cairn.core.request.RequestLimits;
import dev.cairn.core.request.Served;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.core.schedule.SchedulerSettings;
import dev.cairn.core.schedule.StepLog;
import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.distribution.config.ConfigurationInput;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.drive.SystemRandom;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.wiring.Installation;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelFormat;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.telemetry.Telemetry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A model behind the core's use cases, on one engine. Threads: any. */
final class LocalCairn implements AutoCloseable {

    static final String MODEL = "under-test";

    private static final Engine CPU = new Engine("cpu", Map.of());

    /**
     * Which engine computes.
     *
     * @param settings of its own, by key
     */
    record Engine(String name, Map<String, String> settings) {}

    private final SystemTimers timers = new SystemTimers();
    private final ThreadMailboxes mailboxes = new ThreadMailboxes(SystemClock.INSTANCE);
    private final ModelArtifact artifact;
    private final ModelRunner runner;
    private final ScheduledBackend backend;
    private final StepLog steps = new StepLog(1 << 16);
    private final Inference inference;

    private LocalCairn(
            String location,
            RunnerOptions options,
            PrefixCaching caching,
            UnaryOperator<ModelRunner> around,
            Engine engine,
            SpeculationSettings speculation) {
        Setup setup =
                Setup.read(
                        new Installation(Optional.empty()),
                        new ConfigurationInput(
                                Optional.empty(),
                                Optional.empty(),
                                Map.of(),
                                engine.settings(),
                                List.of()));
        var context =
                new PluginContext(
                        setup.configuration(),
                        Telemetry.none(),
                        SystemClock.INSTANCE,
                        timers,
                        SystemRandom.INSTANCE);
        artifact =
                setup
                        .plugins()
                        .offers(ModelFormat.class, context, CairnPlugin::modelFormats)
                        .stream()
                        .map(offer -> offer.extension())
                        .filter(format -> format.recognises(location))
                        .findFirst()
                        .orElseThrow()
                        .open(location);
        runner =
                around.apply(
                        setup
                                .plugins()
                                .offers(
                                        ModelRunnerFactory.class,
                                        context,
                                        CairnPlugin::modelRunners)
                                .stream()
                                .map(offer -> offer.extension())
                                .filter(factory -> factory.name().equals(engine.name()))
                                .findFirst()
                                .orElseThrow()
                                .create(artifact, options));
        var grammars =
                new Grammars(
                        artifact.codec(),
                        runner.description().vocabularySize(),
                        artifact.codec().endOfSequenceIds());
        backend =
                new ScheduledBackend(
                        "local",
                        MODEL,
                        runner,
                        artifact.codec(),
                        grammars,
                        SchedulerSettings.forModelLength(options.maxModelLength())
                                .with(caching)
                                .with(speculation),
                        mailboxes,
                        Telemetry.none(),
                        steps,
                        CacheListener.NONE,
                        TierChain.NONE);
        var model =
                new ServedModel(
                        MODEL,
                        MODEL,
                        ServedModel.Kind.GENERATION,
                        backend.description().maxModelLength(),
                        0);
        inference =
                new Inference(
                        List.of(
                                new Served.Generation(
                                        model,
                                        artifact.codec(),
                                        grammars,
                                        runner.description().vocabularySize(),
                                        artifact.generationDefaults(),
                                        backend)),
                        RequestLimits.USUAL,
                        SystemClock.INSTANCE,
                        SystemRandom.INSTANCE,
                        Telemetry.none());
    }

    static LocalCairn open(Path model, RunnerOptions options) {
        return open(model, options, CPU);
    }

    /** Guesses answers ahead, and keeps nothing from request to request. */
    static LocalCairn guessing(Path model, RunnerOptions options, SpeculationSettings speculation) {
        return new LocalCairn(
                model.toString(), options, PrefixCaching.OFF, runner -> runner, CPU, speculation);
    }

    /** On another engine than the built-in one. */
    static LocalCairn open(Path model, RunnerOptions options, Engine engine) {
        return new LocalCairn(
                model.toString(),
                options,
                PrefixCaching.ON,
                runner -> runner,
                engine,
                SpeculationSettings.OFF);
    }

    /**
     * Keeps nothing from request to request, lest what was altered lives on.
     *
     * @param around stands between the scheduler and the engine
     */
    static LocalCairn open(Path model, RunnerOptions options, UnaryOperator<ModelRunner> around) {
        return new LocalCairn(
                model.toString(), options, PrefixCaching.OFF, around, CPU, SpeculationSettings.OFF);
    }

    /** Everything in float32, so that answers can be compared with references. */
    static RunnerOptions exact(int maxModelLength, int maxTokensPerStep) {
        return new RunnerOptions(
                Optional.of(WeightType.FLOAT32),
                Optional.of(KvType.FLOAT32),
                16,
                96L << 20,
                maxModelLength,
                maxTokensPerStep,
                64);
    }

    /** Of a model that guesses for another one. */
    static RunnerOptions drafting(WeightType type, int maxModelLength, long cacheBytes) {
        return new RunnerOptions(
                Optional.of(type), Optional.empty(), 16, cacheBytes, maxModelLength, 512, 64);
    }

    /** As a user gets it who sets nothing. */
    static RunnerOptions usual(int maxModelLength, long cacheBytes) {
        return new RunnerOptions(
                Optional.empty(), Optional.empty(), 16, cacheBytes, maxModelLength, 512, 64);
    }

    Inference inference() {
        return inference;
    }

    ScheduledBackend backend() {
        return backend;
    }

    ModelRunner runner() {
        return runner;
    }

    ModelArtifact artifact() {
        return artifact;
    }

    StepLog steps() {
        return steps;
    }

    @Override
    public void close() {
        backend.close();
        mailboxes.close();
        runner.close();
        artifact.close();
        timers.close();
    }
}
