package dev.cairn.distribution.wiring;

import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelStore;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes models that lie elsewhere lie here. */
@Singleton
final class ModelFinder {

    private final List<ModelStore> stores;

    @Inject
    ModelFinder(PluginCatalog plugins, PluginContext context) {
        this.stores =
                plugins.offers(ModelStore.class, context, CairnPlugin::modelStores).stream()
                        .map(PluginCatalog.Offer::extension)
                        .toList();
    }

    /**
     * The same model where it can be opened: fetched if it has to be. What is a path, a dummy or of
     * no store stays as it is.
     *
     * @throws ModelException if a store has it not, or not for us
     */
    ModelLocation local(ModelLocation model) {
        Optional<ModelStore> store = store(model);
        if (store.isEmpty()) {
            return model;
        }
        Optional<Path> present = store.get().present(model.location());
        return at(model, present.orElseGet(() -> fetch(store.get(), model.location())));
    }

    /** Who meant a path learns that there is nothing. */
    private static Path fetch(ModelStore store, String location) {
        try {
            return pull(store, location);
        } catch (ModelException failed) {
            throw new ModelException(
                    "%s (there is no file or folder %s here either)"
                            .formatted(failed.getMessage(), location),
                    failed);
        }
    }

    /** The same model if a copy is here, without asking the network. */
    ModelLocation present(ModelLocation model) {
        return store(model)
                .flatMap(store -> store.present(model.location()))
                .map(path -> at(model, path))
                .orElse(model);
    }

    private Optional<ModelStore> store(ModelLocation model) {
        return model.exists()
                ? Optional.empty()
                : stores.stream().filter(store -> store.recognises(model.location())).findFirst();
    }

    /** Clients call it as its store does, as those of vLLM do. */
    private static ModelLocation at(ModelLocation model, Path path) {
        String called = model.location().replaceFirst("@.*", "");
        return new ModelLocation(
                Optional.of(model.name().orElse(called)), path.toAbsolutePath().toString());
    }

    /**
     * Fetches a model, or what its store has changed since.
     *
     * @return where it is
     * @throws ModelException as {@link #local}, and if no store knows names like this
     */
    Path pull(String location) {
        return stores.stream()
                .filter(store -> store.recognises(location))
                .findFirst()
                .map(store -> pull(store, location))
                .orElseThrow(
                        () ->
                                new ModelException(
                                        "\"%s\" is no name of a model on a hub; write org/name, org/name@revision or org/name/FILE.gguf"
                                                .formatted(location)));
    }

    /** Names of the models that stores have copies of here. */
    List<String> present() {
        return stores.stream().flatMap(store -> store.present().stream()).toList();
    }

    private static Path pull(ModelStore store, String location) {
        boolean interactive = System.console() != null && System.console().isTerminal();
        PullBar bar = new PullBar(System.err, location, interactive, System::nanoTime);
        try {
            return store.pull(location, bar);
        } finally {
            bar.end();
        }
    }
}
