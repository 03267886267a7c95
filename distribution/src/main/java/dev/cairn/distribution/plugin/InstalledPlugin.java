package dev.cairn.distribution.plugin;

import dev.cairn.ports.plugin.CairnPlugin;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A plugin that was found.
 *
 * @param jar the jar or folder that it came from; empty for built-in adapters
 * @param loader what its code is loaded by
 */
public record InstalledPlugin(
        String name, CairnPlugin plugin, Optional<Path> jar, ClassLoader loader) {

    /** Where it came from, for people. */
    public String origin() {
        return jar.map(Path::toString).orElse("built in");
    }

    boolean builtIn() {
        return jar.isEmpty();
    }
}
