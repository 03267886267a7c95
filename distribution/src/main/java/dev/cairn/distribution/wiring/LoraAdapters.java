package dev.cairn.distribution.wiring;

import dev.cairn.core.request.AdapterShelf;
import dev.cairn.core.schedule.AdapterSupply;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.LoraSettings;
import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Clock;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The LoRA adapters of the first model. Adapters of the configuration are read wherever they lie; a
 * path from a request is looked at only if it lies in the configured folder by its text, and opened
 * only if it does by the file system as well, links resolved.
 */
@Singleton
final class LoraAdapters {

    private static final int MOST_LOADED = 4096;
    private static final int MOST_RANK = 512;

    private final Configuration configuration;
    private final Clock clock;
    private volatile AdapterShelf shelf;

    @Inject
    LoraAdapters(Configuration configuration, Clock clock) {
        this.configuration = configuration;
        this.clock = clock;
    }

    private boolean isConfigured() {
        return configuration.isSet(LoraSettings.ADAPTERS)
                || configuration.isSet(LoraSettings.FOLDER);
    }

    /** What the scheduler of a model finds its adapters in. */
    AdapterSupply supply(String model) {
        if (!isConfigured()) {
            return AdapterSupply.NONE;
        }
        return new AdapterSupply(
                configuration.requiredInteger(LoraSettings.MOST_LOADED, 0, MOST_LOADED),
                digest -> {
                    AdapterShelf known = shelf;
                    return known == null || !known.base().equals(model)
                            ? Optional.empty()
                            : known.find(digest);
                });
    }

    /**
     * Reads the configured adapters.
     *
     * @param base the first model
     * @param artifact its files
     * @return empty where no adapters are wanted
     * @throws RuntimeException with a message for the user
     */
    Optional<AdapterShelf> open(ServedModel base, ModelArtifact artifact) {
        if (!isConfigured()) {
            return Optional.empty();
        }
        AdapterShelf fresh = new AdapterShelf(base, path -> requested(artifact, path), clock);
        for (String text : configuration.list(LoraSettings.ADAPTERS)) {
            int equals = text.indexOf('=');
            if (equals < 1 || equals == text.length() - 1) {
                throw configuration.problem(
                        LoraSettings.ADAPTERS,
                        "\"%s\" is no adapter; write NAME=PATH".formatted(text));
            }
            try {
                String path = text.substring(equals + 1).strip();
                fresh.put(
                        text.substring(0, equals).strip(),
                        path,
                        checked(artifact.openAdapter(path)),
                        false);
            } catch (RequestRefused | ModelException wrong) {
                throw configuration.problem(LoraSettings.ADAPTERS, wrong.getMessage());
            }
        }
        shelf = fresh;
        return Optional.of(fresh);
    }

    private AdapterArtifact checked(AdapterArtifact adapter) {
        int most = configuration.requiredInteger(LoraSettings.MOST_RANK, 1, MOST_RANK);
        if (adapter.rank() > most) {
            throw new ModelException(
                    "%s: rank %d is above %s=%d"
                            .formatted(
                                    adapter.location(),
                                    adapter.rank(),
                                    LoraSettings.MOST_RANK,
                                    most));
        }
        return adapter;
    }

    private AdapterArtifact requested(ModelArtifact model, String path) {
        String folder =
                configuration
                        .text(LoraSettings.FOLDER)
                        .orElseThrow(
                                () ->
                                        new ModelException(
                                                "requests may load no adapters here; set "
                                                        + LoraSettings.FOLDER
                                                        + " to the folder that they may load"
                                                        + " from"));
        try {
            Path allowed = Path.of(folder).toAbsolutePath().normalize();
            Path wanted = allowed.resolve(path).normalize();
            if (!wanted.startsWith(allowed) || wanted.equals(allowed)) {
                throw outside();
            }
            // By its text it is inside: from here on the file system may be asked.
            Path real = wanted.toRealPath();
            if (!real.startsWith(allowed.toRealPath())) {
                throw outside();
            }
            return checked(model.openAdapter(real.toString()));
        } catch (InvalidPathException | IOException nothing) {
            throw new ModelException("there is no adapter at this place in the folder", nothing);
        }
    }

    private static ModelException outside() {
        return new ModelException(
                "the path leads out of the folder that adapters may be loaded from ("
                        + LoraSettings.FOLDER
                        + "); give one within it");
    }
}
