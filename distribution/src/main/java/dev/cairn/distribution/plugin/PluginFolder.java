package dev.cairn.distribution.plugin;

import dev.cairn.ports.plugin.CairnPlugin;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * Loads what lies in {@code plugins/}: {@code plugins/NAME.jar}, or {@code plugins/NAME/*.jar} for
 * a plugin with libraries.
 */
final class PluginFolder {

    private static final String PROVIDERS = "META-INF/services/" + CairnPlugin.class.getName();

    private final Path folder;

    PluginFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * All plugins, in alphabetical order of their files. A folder that is not there holds none.
     *
     * @throws PluginException for the first jar that is no plugin, or one for another version
     */
    List<InstalledPlugin> load() {
        List<InstalledPlugin> plugins = new ArrayList<>();
        for (Path location : locations()) {
            plugins.addAll(load(location));
        }
        return List.copyOf(plugins);
    }

    /** Where plugins lie now: jars, and folders of jars. */
    List<Path> locations() {
        return entries(folder, path -> Files.isDirectory(path) || isJar(path));
    }

    /** The plugins of one of {@link #locations}, each time by a class loader of their own. */
    List<InstalledPlugin> load(Path location) {
        if (!Files.isDirectory(location)) {
            return load(location, List.of(location));
        }
        List<Path> jars = entries(location, PluginFolder::isJar);
        if (jars.isEmpty()) {
            throw new PluginException(
                    location + " holds no jar; put the plugin's jars there or remove it");
        }
        return load(location, jars);
    }

    private static List<InstalledPlugin> load(Path location, List<Path> jars) {
        boolean provides = false;
        for (Path jar : jars) {
            provides |= checkJar(jar);
        }
        if (!provides) {
            throw new PluginException(
                    "%s is no Cairn plugin: it has no %s; remove it or ask its author"
                            .formatted(location, PROVIDERS));
        }
        ClassLoader host = CairnPlugin.class.getClassLoader();
        PluginClassLoader loader =
                new PluginClassLoader(
                        location.getFileName().toString(),
                        jars.stream().map(PluginFolder::url).toList(),
                        host);
        return ContextClassLoader.call(loader, () -> instantiate(location, loader));
    }

    private static List<InstalledPlugin> instantiate(Path location, PluginClassLoader loader) {
        List<InstalledPlugin> plugins = new ArrayList<>();
        try {
            for (CairnPlugin plugin : ServiceLoader.load(CairnPlugin.class, loader)) {
                plugins.add(
                        new InstalledPlugin(plugin.name(), plugin, Optional.of(location), loader));
            }
        } catch (ServiceConfigurationError | LinkageError | RuntimeException broken) {
            throw new PluginException(
                    "%s cannot be loaded: %s; remove it or ask its author"
                            .formatted(location, rootMessage(broken)),
                    broken);
        }
        return plugins;
    }

    /**
     * Whether the jar provides a plugin.
     *
     * @throws PluginException if it provides one for another version of the interfaces
     */
    private static boolean checkJar(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            if (file.getEntry(PROVIDERS) == null) {
                return false;
            }
            checkVersion(jar, file.getManifest());
            return true;
        } catch (IOException unreadable) {
            throw new PluginException(
                    "%s cannot be read as a jar: %s".formatted(jar, unreadable.getMessage()),
                    unreadable);
        }
    }

    private static void checkVersion(Path jar, Manifest manifest) {
        String version =
                manifest == null
                        ? null
                        : manifest.getMainAttributes().getValue(CairnPlugin.SPI_VERSION_ATTRIBUTE);
        String served = Integer.toString(CairnPlugin.SPI_VERSION);
        if (version == null) {
            throw new PluginException(
                    "%s does not say which version of Cairn's interfaces it was built for; its manifest needs \"%s: %s\""
                            .formatted(jar, CairnPlugin.SPI_VERSION_ATTRIBUTE, served));
        }
        if (!version.strip().equals(served)) {
            throw new PluginException(
                    "%s was built for version %s of Cairn's interfaces, this Cairn has version %s; use a build of the plugin for it"
                            .formatted(jar, version.strip(), served));
        }
    }

    private static List<Path> entries(Path folder, Predicate<Path> wanted) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> !path.getFileName().toString().startsWith("."))
                    .filter(wanted)
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new PluginException(
                    "%s cannot be listed: %s".formatted(folder, unreadable.getMessage()),
                    unreadable);
        }
    }

    private static boolean isJar(Path path) {
        return path.getFileName().toString().endsWith(".jar") && Files.isRegularFile(path);
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == failure ? failure.getMessage() : root.toString();
    }
}
