package dev.cairn.distribution.plugin;

import dev.cairn.ports.plugin.CairnPlugin;
import java.io.IOException;
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

    private static final System.Logger LOG = System.getLogger(InstalledPlugin.class.getName());

    /** Where it came from, for people. */
    public String origin() {
        return jar.map(Path::toString).orElse("built in");
    }

    /** Gives back what its class loader holds; its classes go when nobody refers to them. */
    public void unload() {
        if (loader instanceof PluginClassLoader own) {
            try {
                own.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, origin() + " could not be closed", e);
            }
        }
    }

    boolean builtIn() {
        return jar.isEmpty();
    }
}
