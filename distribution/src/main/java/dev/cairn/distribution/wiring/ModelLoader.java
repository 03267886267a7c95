package dev.cairn.distribution.wiring;

import dev.cairn.core.block.CacheListener;
import dev.cairn.core.block.PrefixCaching;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.parts.AnswerStyle;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.core.schedule.SchedulerSettings;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.WeightType;
import dev.cairn.transport.http.HttpSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Puts an opened model onto an engine. */
@Singleton
final class ModelLoader {

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final Configuration configuration;
    private final EngineChoice engines;
    private final ThreadMailboxes mailboxes;
    private final ProgramTelemetry telemetry;
    private final StepReport steps;
    private final CacheTiers tiers;
    private final CacheSharing sharing;
    private final EventPublishing events;
    private final LoraAdapters adapters;
    private final DraftShelf drafts;

    @Inject
    ModelLoader(
            Configuration configuration,
            EngineChoice engines,
            ThreadMailboxes mailboxes,
            ProgramTelemetry telemetry,
            StepReport steps,
            CacheTiers tiers,
            CacheSharing sharing,
            EventPublishing events,
            LoraAdapters adapters,
            DraftShelf drafts) {
        this.drafts = drafts;
        this.adapters = adapters;
        this.configuration = configuration;
        this.engines = engines;
        this.mailboxes = mailboxes;
        this.telemetry = telemetry;
        this.steps = steps;
        this.tiers = tiers;
        this.sharing = sharing;
        this.events = events;
    }

    /**
     * Loads weights and makes the scheduler.
     *
     * @param artifact belongs to the result; stays the caller's if this throws
     * @param models that share the machine's memory
     * @throws dev.cairn.ports.model.ModelException if the engine cannot run it
     */
    LoadedModel load(String name, ModelArtifact artifact, int models) {
        AnswerStyle style = TextSide.style(configuration, artifact.codec());
        EngineChoice.Chosen chosen = engines.choose();
        RunnerSettings settings = RunnerSettings.read(configuration);
        long free = (FreeMemory.bytes() - artifact.weights().storedBytes()) / models;
        CacheBudget budget =
                CacheBudget.of(
                        artifact.architecture(),
                        settings.kvType().orElseGet(() -> likelyKvType(artifact, settings)),
                        configuration,
                        settings,
                        free);
        ModelRunner runner = runner(name, artifact, chosen, options(settings, budget));
        Optional<DraftShelf.Draft> draft = Optional.empty();
        try {
            draft = drafts.load(artifact, runner);
            Grammars grammars = TextSide.grammars(artifact, runner.description().vocabularySize());
            TierChain chain = tiers.chain(runner.blocks());
            ScheduledBackend backend =
                    new ScheduledBackend(
                            name,
                            name,
                            runner,
                            artifact.codec(),
                            grammars,
                            schedulerSettings(settings, budget, draft),
                            mailboxes.withContext(chosen.engine().plugin().loader()),
                            telemetry,
                            steps.listener(name),
                            CacheListener.both(
                                    sharing.listener(runner.description()),
                                    events.listen(name, runner.description())),
                            chain,
                            adapters.supply(name));
            checkLength(backend.description().maxModelLength());
            sharing.offer(runner.description(), backend.deviceBlocks());
            return new LoadedModel(
                    name, artifact, runner, draft, grammars, style, backend, budget, chosen.why());
        } catch (RuntimeException failed) {
            runner.close();
            draft.ifPresent(DraftShelf.Draft::close);
            throw failed;
        }
    }

    private static ModelRunner runner(
            String name,
            ModelArtifact artifact,
            EngineChoice.Chosen chosen,
            RunnerOptions options) {
        try (LoadBar bar = LoadBar.onTerminal(name)) {
            return chosen.engine().factory().create(artifact, options, bar);
        }
    }

    /** A length that somebody asked for is had or refused, never quietly shortened. */
    private void checkLength(int served) {
        OptionalLong wanted = configuration.integer(ProgramSettings.MAX_MODEL_LENGTH);
        if (wanted.isPresent() && wanted.getAsLong() > served) {
            throw configuration.problem(
                    ProgramSettings.MAX_MODEL_LENGTH,
                    "the engine's KV cache holds sequences of %d tokens, not %d; lower it, or raise %s"
                            .formatted(
                                    served, wanted.getAsLong(), ProgramSettings.DEVICE_CACHE_SIZE));
        }
    }

    /** What engines choose by themselves: no coarser than the weights. */
    private static KvType likelyKvType(ModelArtifact artifact, RunnerSettings settings) {
        WeightType weights = settings.weightType().orElse(artifact.weights().dominantType());
        return weights == WeightType.FLOAT32 ? KvType.FLOAT32 : KvType.BFLOAT16;
    }

    private static RunnerOptions options(RunnerSettings settings, CacheBudget budget) {
        return new RunnerOptions(
                settings.weightType(),
                settings.kvType(),
                settings.blockTokens(),
                budget.cacheBytes(),
                budget.maxModelLength(),
                settings.maxTokensPerStep(),
                settings.maxSequencesPerStep());
    }

    private SchedulerSettings schedulerSettings(
            RunnerSettings settings, CacheBudget budget, Optional<DraftShelf.Draft> draft) {
        SchedulerSettings usual = SchedulerSettings.forModelLength(budget.maxModelLength());
        SchedulerSettings configured =
                new SchedulerSettings(
                                usual.maxModelLength(),
                                usual.maxRunningSequences(),
                                usual.maxChunkTokens(),
                                settings.maxWaitingRequests(),
                                usual.maxWaitingTokens())
                        .withStepStretch(stepStretch())
                        .withLongestPause(longestPause().toNanos())
                        .withTenantWeights(HttpSettings.tenantWeights(configuration))
                        .with(
                                GuessedAnswers.read(
                                        configuration,
                                        draft.map(DraftShelf.Draft::runner).orElse(null)));
        return settings.prefixCaching() ? configured : configured.with(PrefixCaching.OFF);
    }

    private Duration longestPause() {
        Duration pause =
                configuration
                        .duration(ProgramSettings.LONGEST_PAUSE)
                        .orElse(Duration.ofNanos(SchedulerSettings.USUAL_PAUSE_NANOS));
        if (pause.compareTo(LONGEST_PAUSE) > 0) {
            throw configuration.problem(
                    ProgramSettings.LONGEST_PAUSE,
                    "answers do not wait that long; write a minute (1m) or less");
        }
        return pause;
    }

    private double stepStretch() {
        double stretch =
                configuration
                        .decimal(ProgramSettings.STEP_STRETCH)
                        .orElse(SchedulerSettings.USUAL_STRETCH);
        if (stretch != 0 && !(stretch > 1 && stretch <= 1e6)) {
            throw configuration.problem(
                    ProgramSettings.STEP_STRETCH,
                    stretch + " is no factor to stretch a step by; write a number above 1, or 0");
        }
        return stretch;
    }
}
