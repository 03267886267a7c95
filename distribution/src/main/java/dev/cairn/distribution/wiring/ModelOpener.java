package dev.cairn.distribution.wiring;

import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.engine.ScoreRunner;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelFormat;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds who can read a model. */
@Singleton
final class ModelOpener {

    private final List<ModelFormat> formats;
    private final List<EmbeddingRunner.Factory> embeddings;
    private final List<ScoreRunner.Factory> scorers;

    @Inject
    ModelOpener(PluginCatalog plugins, PluginContext context) {
        this.formats =
                plugins.offers(ModelFormat.class, context, CairnPlugin::modelFormats).stream()
                        .map(PluginCatalog.Offer::extension)
                        .toList();
        this.embeddings =
                plugins
                        .offers(
                                EmbeddingRunner.Factory.class,
                                context,
                                CairnPlugin::embeddingRunners)
                        .stream()
                        .map(PluginCatalog.Offer::extension)
                        .toList();
        this.scorers =
                plugins
                        .offers(ScoreRunner.Factory.class, context, CairnPlugin::scoreRunners)
                        .stream()
                        .map(PluginCatalog.Offer::extension)
                        .toList();
    }

    /** Whether it is a model that reads texts and writes none. */
    boolean isEncoder(ModelLocation model) {
        return embeddingFactory(model).isPresent() || scoreFactory(model).isPresent();
    }

    /** Who serves the location as a cross-encoder, if anybody wants to. */
    Optional<ScoreRunner.Factory> scoreFactory(ModelLocation model) {
        return scorers.stream().filter(factory -> factory.recognises(model.location())).findFirst();
    }

    /** Who serves the location as an embedding model, if anybody wants to. */
    Optional<EmbeddingRunner.Factory> embeddingFactory(ModelLocation model) {
        return embeddings.stream()
                .filter(factory -> factory.recognises(model.location()))
                .findFirst();
    }

    /**
     * The format that reads the location.
     *
     * @throws ModelException if there is nothing there, or nobody knows what it is
     */
    ModelFormat format(ModelLocation model) {
        return formats.stream()
                .filter(format -> format.recognises(model.location()))
                .findFirst()
                .orElseThrow(() -> new ModelException(unreadable(model)));
    }

    /**
     * The text side of an encoder.
     *
     * @throws ModelException if nobody can read it
     */
    TextCodec codec(ModelLocation model) {
        ModelException last = null;
        for (ModelFormat format : formats) {
            try {
                return format.openCodec(model.location());
            } catch (ModelException notThisOne) {
                last = notThisOne;
            }
        }
        throw last == null ? new ModelException(unreadable(model)) : last;
    }

    private String unreadable(ModelLocation model) {
        if (model.exists() && model.location().endsWith(".safetensors")) {
            return "%s is part of a model; name its folder, which has config.json and the tokenizer"
                    .formatted(model.location());
        }
        String known = formats.stream().map(ModelFormat::name).collect(Collectors.joining(", "));
        return model.exists() || model.location().startsWith("dummy:")
                ? "%s is no model that Cairn can read; it reads: %s"
                        .formatted(model.location(), known)
                : "there is no model at %s; --model takes a folder with config.json, a GGUF file, org/name of a hub, or dummy:SHAPE"
                        .formatted(model.location());
    }
}
