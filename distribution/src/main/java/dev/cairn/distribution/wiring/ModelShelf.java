package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.engine.models.dummy.DummyShape;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.TextCodec;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Models that can be served here, and what is in them. */
@Singleton
public final class ModelShelf {

    private final Configuration configuration;
    private final Installation installation;
    private final ModelOpener opener;
    private final ModelFinder finder;

    @Inject
    ModelShelf(
            Configuration configuration,
            Installation installation,
            ModelOpener opener,
            ModelFinder finder) {
        this.configuration = configuration;
        this.installation = installation;
        this.opener = opener;
        this.finder = finder;
    }

    /** The bundled model, the configured ones, and copies of a hub's. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        installation
                .bundledModel()
                .ifPresent(
                        folder ->
                                entries.add(
                                        new Entry(
                                                Installation.BUNDLED_MODEL,
                                                folder.toString(),
                                                "bundled")));
        for (String text : configuration.list(ProgramSettings.MODELS)) {
            ModelLocation location = ModelLocation.parse(text);
            entries.add(
                    new Entry(
                            location.name()
                                    .orElseGet(() -> ModelLocation.baseName(location.location())),
                            location.location(),
                            configuration.place(ProgramSettings.MODELS)));
        }
        for (String name : finder.present()) {
            entries.add(new Entry(name, name, "fetched"));
        }
        return entries;
    }

    /** Shapes that {@code dummy:SHAPE[:SEED]} takes: random weights, for benchmarks. */
    public List<String> dummyShapes() {
        return DummyShape.names();
    }

    /**
     * Opens a model without loading its weights. The caller closes it.
     *
     * @param text {@code [NAME=]PATH}, or the name of one of {@link #entries}
     * @throws dev.cairn.ports.model.ModelException if it cannot be read
     */
    public ModelArtifact open(String text) {
        ModelLocation location = find(text);
        return opener.format(location).open(location.location());
    }

    /**
     * The text side of a model, which may have no weights.
     *
     * @param text as in {@link #open}
     * @throws dev.cairn.ports.model.ModelException if it cannot be read
     */
    public TextCodec codec(String text) {
        return opener.codec(find(text));
    }

    /**
     * Fetches a model of a hub.
     *
     * @return where it is now
     * @throws dev.cairn.ports.model.ModelException if it cannot be had
     */
    public Path pull(String location) {
        return finder.pull(location);
    }

    private ModelLocation find(String text) {
        ModelLocation asked = finder.present(ModelLocation.parse(text));
        return asked.exists()
                ? asked
                : entries().stream()
                        .filter(entry -> entry.name().equals(text))
                        .map(entry -> new ModelLocation(asked.name(), entry.location()))
                        .findFirst()
                        .orElse(asked);
    }

    /**
     * @param origin who named it
     */
    public record Entry(String name, String location, String origin) {}
}
