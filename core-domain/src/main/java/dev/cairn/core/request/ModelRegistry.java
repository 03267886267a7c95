package dev.cairn.core.request;

import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The served models by name. Threads: any; immutable. */
final class ModelRegistry {

    private final Map<String, Served> models = new LinkedHashMap<>();
    private final List<ServedModel> descriptions;

    ModelRegistry(List<Served> served) {
        for (Served model : served) {
            if (models.put(model.description().name(), model) != null) {
                throw new IllegalArgumentException(
                        "two models are to be served as " + model.description().name());
            }
        }
        descriptions = models.values().stream().map(Served::description).toList();
    }

    List<ServedModel> descriptions() {
        return descriptions;
    }

    Optional<Served> find(String name) {
        return name.isEmpty()
                ? models.values().stream().findFirst()
                : Optional.ofNullable(models.get(name));
    }

    /** Why a model is not served now, if there is one. */
    Optional<String> unreadyBecause() {
        return models.values().stream()
                .filter(Served.Generation.class::isInstance)
                .map(model -> ((Served.Generation) model).backend().unreadyBecause())
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Of the models that generate. */
    List<GenerationBackend> backends() {
        List<GenerationBackend> backends = new ArrayList<>();
        for (Served model : models.values()) {
            if (model instanceof Served.Generation generation) {
                backends.add(generation.backend());
            }
        }
        return backends;
    }

    /** Of the engines that can sleep. */
    List<Sleeper> sleepers() {
        return models.values().stream()
                .filter(Served.Generation.class::isInstance)
                .map(model -> ((Served.Generation) model).backend().sleeper())
                .flatMap(Optional::stream)
                .toList();
    }

    /** Of the engines whose caches can be administered. */
    List<CacheControl> caches() {
        return models.values().stream()
                .filter(Served.Generation.class::isInstance)
                .map(model -> ((Served.Generation) model).backend().cache())
                .flatMap(Optional::stream)
                .toList();
    }

    Served get(String name) {
        return find(name).orElseThrow(() -> unknown(name));
    }

    Served.Generation generation(String name) {
        return switch (get(name)) {
            case Served.Generation model -> model;
            case Served.Embedding model -> throw cannot(model, "generate text");
            case Served.Score model -> throw cannot(model, "generate text");
        };
    }

    Served.Embedding embedding(String name) {
        return switch (get(name)) {
            case Served.Embedding model -> model;
            case Served.Generation model -> throw cannot(model, "embed text");
            case Served.Score model -> throw cannot(model, "embed text");
        };
    }

    /** What serves a request that a model is not made for. */
    static RequestRefused cannot(Served model, String wanted) {
        String can =
                switch (model) {
                    case Served.Generation _ ->
                            "generates text; ask /v1/chat/completions or /v1/completions";
                    case Served.Embedding _ -> "embeds text; ask /v1/embeddings or /score";
                    case Served.Score _ -> "scores pairs of texts; ask /score or /rerank";
                };
        return new RequestRefused(
                RequestProblem.invalid(
                        "model",
                        "the model %s does not %s: it %s"
                                .formatted(
                                        Values.quoted(model.description().name()), wanted, can)));
    }

    static RequestRefused unknown(String name) {
        return new RequestRefused(
                new RequestProblem(
                        Category.NOT_FOUND,
                        "the model " + Values.quoted(name) + " does not exist",
                        Optional.of("model"),
                        "model_not_found",
                        OptionalLong.empty()));
    }
}
