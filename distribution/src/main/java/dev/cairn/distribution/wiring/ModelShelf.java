package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.engine.models.dummy.DummyShape;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.TextCodec;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/** Models that can be served here, and what is in them. */
@Singleton
public final class ModelShelf {

    private final Configuration configuration;
    private final Installation installation;
    private final ModelOpener opener;

    @Inject
    ModelShelf(Configuration configuration, Installation installation, ModelOpener opener) {
        this.configuration = configuration;
        this.installation = installation;
        this.opener = opener;
    }

    /** The bundled model and the configured ones. */
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

    private ModelLocation find(String text) {
        ModelLocation asked = ModelLocation.parse(text);
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
