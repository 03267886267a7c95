package dev.cairn.distribution.wiring;

import dev.cairn.core.request.Inference;
import dev.cairn.core.request.RequestLimits;
import dev.cairn.core.request.Served;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.engine.ScoreRunner;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.RandomSource;
import dev.cairn.transport.http.HttpSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Loads the configured models and puts the core's use cases over them. */
@Singleton
public final class InferenceAssembly {

    private final Configuration configuration;
    private final Installation installation;
    private final ModelOpener opener;
    private final ModelFinder finder;
    private final ModelLoader loader;
    private final ModelsOnDemand demand;
    private final ThreadMailboxes mailboxes;
    private final CacheTiers tiers;
    private final ProgramTelemetry telemetry;
    private final Clock clock;
    private final RandomSource random;
    private final LoraAdapters adapters;

    @Inject
    InferenceAssembly(
            Configuration configuration,
            Installation installation,
            ModelOpener opener,
            ModelFinder finder,
            ModelLoader loader,
            ModelsOnDemand demand,
            ThreadMailboxes mailboxes,
            CacheTiers tiers,
            ProgramTelemetry telemetry,
            Clock clock,
            RandomSource random,
            LoraAdapters adapters) {
        this.adapters = adapters;
        this.configuration = configuration;
        this.installation = installation;
        this.opener = opener;
        this.finder = finder;
        this.loader = loader;
        this.demand = demand;
        this.mailboxes = mailboxes;
        this.tiers = tiers;
        this.telemetry = telemetry;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Opens every model before the first is loaded, so that a mistake in the last one is told at
     * once.
     *
     * @throws RuntimeException with a message for the user; nothing is left open
     */
    public ServedModels load() {
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            return load(open(opened), opened);
        } catch (RuntimeException failed) {
            closeAll(opened, failed);
            tiers.close();
            throw failed;
        }
    }

    private List<Opened> open(List<AutoCloseable> opened) {
        List<Opened> models = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (ModelLocation asked : ModelLocation.configured(configuration, installation)) {
            ModelLocation location = finder.local(asked);
            Optional<EmbeddingRunner.Factory> embedding = opener.embeddingFactory(location);
            Optional<ScoreRunner.Factory> score = opener.scoreFactory(location);
            Opened model;
            if (embedding.isPresent()) {
                model = new Opened.Embedding(location, embedding.get());
            } else if (score.isPresent()) {
                model = new Opened.Score(location, score.get());
            } else {
                ModelArtifact artifact = opener.format(location).open(location.location());
                opened.add(artifact);
                model = new Opened.Generation(location, artifact);
            }
            if (!names.add(model.name())) {
                throw configuration.problem(
                        ProgramSettings.MODELS,
                        "two models are called \"%s\"; name one of them: NAME=%s"
                                .formatted(model.name(), location.location()));
            }
            models.add(model);
        }
        return models;
    }

    private ServedModels load(List<Opened> models, List<AutoCloseable> opened) {
        List<LoadedModel> generation = new ArrayList<>();
        List<LoadedEncoder> encoders = new ArrayList<>();
        List<Served> served = new ArrayList<>();
        for (Opened model : models) {
            switch (model) {
                case Opened.Generation(var location, var artifact) -> {
                    LoadedModel loaded =
                            loader.load(model.name(), artifact, demand.awake(models.size()));
                    opened.remove(artifact);
                    opened.add(loaded);
                    generation.add(loaded);
                    served.add(served(loaded, location));
                    demand.loaded(loaded, served.size() - 1, models.size());
                }
                case Opened.Embedding embedding -> {
                    encoders.add(load(embedding));
                    opened.add(encoders.getLast());
                    served.add(encoders.getLast().served());
                }
                case Opened.Score score -> {
                    encoders.add(load(score));
                    opened.add(encoders.getLast());
                    served.add(encoders.getLast().served());
                }
            }
        }
        Inference inference =
                new Inference(
                        served,
                        limits(configuration),
                        clock,
                        random,
                        telemetry,
                        demand.configured()
                                || configuration
                                        .flag(ProgramSettings.WAKE_ON_REQUEST)
                                        .orElse(false));
        if (!generation.isEmpty()) {
            LoadedModel first = generation.getFirst();
            ServedModel base =
                    served.stream()
                            .map(Served::description)
                            .filter(model -> model.name().equals(first.name()))
                            .findFirst()
                            .orElseThrow();
            adapters.open(base, first.artifact()).ifPresent(inference::serve);
        }
        return new ServedModels(
                inference,
                List.copyOf(generation),
                List.copyOf(encoders),
                List.of(),
                demand.desk(),
                mailboxes,
                tiers);
    }

    /** What requests may ask for. */
    static RequestLimits limits(Configuration configuration) {
        RequestLimits usual = RequestLimits.USUAL;
        return new RequestLimits(
                usual.maxChoices(),
                configuration.requiredInteger(HttpSettings.MAX_LOGPROBS, 0, 1 << 20),
                usual.maxStopLength(),
                usual.maxBadWords(),
                usual.maxEmbeddingInputs(),
                usual.maxEmbeddingsInFlight());
    }

    private LoadedEncoder load(Opened.Embedding model) {
        String location = model.location().location();
        TextCodec codec = opener.codec(model.location());
        EmbeddingRunner runner = model.factory().create(location, codec);
        ServedModel description =
                describe(model.name(), location, ServedModel.Kind.EMBEDDING, runner.maxTokens());
        return new LoadedEncoder(
                new Served.Embedding(description, codec, runner),
                "embeddings",
                runner.report(),
                runner::close);
    }

    private LoadedEncoder load(Opened.Score model) {
        String location = model.location().location();
        TextCodec codec = opener.codec(model.location());
        ScoreRunner runner = model.factory().create(location, codec);
        ServedModel description =
                describe(model.name(), location, ServedModel.Kind.SCORE, runner.maxTokens());
        return new LoadedEncoder(
                new Served.Score(description, codec, runner),
                "scores",
                runner.report(),
                runner::close);
    }

    private Served served(LoadedModel model, ModelLocation location) {
        return new Served.Generation(
                describe(
                        model.name(),
                        location.location(),
                        ServedModel.Kind.GENERATION,
                        model.backend().description().maxModelLength()),
                model.artifact().codec(),
                model.grammars(),
                model.runner().description().vocabularySize(),
                model.artifact().generationDefaults(),
                model.style(),
                demand.over(model));
    }

    private ServedModel describe(
            String name, String location, ServedModel.Kind kind, int maxModelLength) {
        return new ServedModel(
                name,
                ModelLocation.baseName(location),
                kind,
                maxModelLength,
                clock.epochMillis() / 1000);
    }

    private static void closeAll(List<AutoCloseable> opened, RuntimeException failed) {
        for (AutoCloseable each : opened.reversed()) {
            try {
                each.close();
            } catch (Exception alsoFailed) {
                failed.addSuppressed(alsoFailed);
            }
        }
    }

    /** A model whose files were looked at, and nothing more. */
    private sealed interface Opened {

        String name();

        record Generation(ModelLocation location, ModelArtifact artifact) implements Opened {

            @Override
            public String name() {
                return location.name().orElseGet(artifact::defaultName);
            }
        }

        record Score(ModelLocation location, ScoreRunner.Factory factory) implements Opened {

            @Override
            public String name() {
                return location.called();
            }
        }

        record Embedding(ModelLocation location, EmbeddingRunner.Factory factory)
                implements Opened {

            @Override
            public String name() {
                return location.called();
            }
        }
    }
}
