package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model as the user asked for it.
 *
 * @param name that clients use; empty takes the model's own
 * @param location folder, file, or {@code dummy:SHAPE[:SEED]}
 */
record ModelLocation(Optional<String> name, String location) {

    private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._:/@+-]*)=(.+)");

    /**
     * The models to serve: those of the configuration, else the bundled one.
     *
     * @throws StartException if no model is named and none is bundled
     */
    static List<ModelLocation> configured(Configuration configuration, Installation installation) {
        List<String> texts = configuration.list(ProgramSettings.MODELS);
        if (texts.isEmpty()) {
            Path bundled =
                    installation
                            .bundledModel()
                            .orElseThrow(
                                    () ->
                                            new StartException(
                                                    "no model is named and none is bundled; give --model PATH"));
            return List.of(new ModelLocation(Optional.empty(), bundled.toString()));
        }
        List<ModelLocation> locations = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String text : texts) {
            ModelLocation location = parse(text);
            if (location.name().isPresent() && !names.add(location.name().get())) {
                throw configuration.problem(
                        ProgramSettings.MODELS,
                        "two models are called \"%s\"; give each a name of its own"
                                .formatted(location.name().get()));
            }
            locations.add(location);
        }
        return locations;
    }

    /** A path that exists is a path, even if it looks like {@code NAME=PATH}. */
    static ModelLocation parse(String text) {
        Matcher named = NAMED.matcher(text);
        if (!named.matches() || exists(text)) {
            return new ModelLocation(Optional.empty(), text);
        }
        return new ModelLocation(Optional.of(named.group(1)), named.group(2));
    }

    /** The name that was given, else that of the folder or file. */
    String called() {
        return name.orElseGet(() -> baseName(location));
    }

    /** What a location is called where its folders are nobody's business. */
    static String baseName(String location) {
        String trimmed = location.replaceFirst("/+$", "");
        return trimmed.substring(trimmed.lastIndexOf('/') + 1);
    }

    boolean exists() {
        return exists(location);
    }

    private static boolean exists(String text) {
        try {
            return Files.exists(Path.of(text));
        } catch (InvalidPathException noPath) {
            return false;
        }
    }
}
