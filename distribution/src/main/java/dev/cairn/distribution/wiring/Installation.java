package dev.cairn.distribution.wiring;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;

/**
 * The folder that the program lies in: {@code lib}, {@code models}, {@code plugins}, {@code conf}.
 *
 * @param home empty where classes run from a build folder
 */
public record Installation(Optional<Path> home) {

    /** Name of the folder in {@code models/} that is served where no model is named. */
    public static final String BUNDLED_MODEL = "cairn-pebble";

    /** As the launcher says by {@code cairn.home}, or the folder above the jar of this class. */
    public static Installation locate() {
        String said = System.getProperty("cairn.home");
        if (said != null && !said.isBlank()) {
            return new Installation(Optional.of(Path.of(said)));
        }
        return new Installation(aboveJar());
    }

    private static Optional<Path> aboveJar() {
        CodeSource source = Installation.class.getProtectionDomain().getCodeSource();
        try {
            if (source == null) {
                return Optional.empty();
            }
            Path jar = Path.of(source.getLocation().toURI());
            Path lib = jar.getParent();
            boolean installed =
                    lib != null && lib.endsWith("lib") && jar.toString().endsWith(".jar");
            return installed ? Optional.ofNullable(lib.getParent()) : Optional.empty();
        } catch (URISyntaxException noFile) {
            return Optional.empty();
        }
    }

    public Optional<Path> plugins() {
        return home.map(folder -> folder.resolve("plugins"));
    }

    public Optional<Path> configurationFile() {
        return home.map(folder -> folder.resolve("conf").resolve("cairn.properties"));
    }

    /** The model that comes with the program, where it does. */
    public Optional<Path> bundledModel() {
        return home.map(folder -> folder.resolve("models").resolve(BUNDLED_MODEL))
                .filter(Files::isDirectory);
    }
}
