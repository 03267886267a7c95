package dev.cairn.distribution.plugin;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/**
 * The world as one plugin sees it: its own jars first, then the JDK; of Cairn the {@code
 * dev.cairn.ports} packages alone. So a plugin may bundle any version of any library.
 *
 * <p>The ports always come from the host, also where a plugin bundles them by mistake: two classes
 * of one name would not fit each other.
 */
final class PluginClassLoader extends URLClassLoader {

    private static final String PORTS_PACKAGES = "dev.cairn.ports.";
    private static final String PORTS_RESOURCES = "dev/cairn/ports/";

    static {
        registerAsParallelCapable();
    }

    private final ClassLoader host;

    /**
     * @param host where the ports come from
     */
    PluginClassLoader(String plugin, List<URL> jars, ClassLoader host) {
        super("plugin " + plugin, jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        this.host = host;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith(PORTS_PACKAGES)) {
            return host.loadClass(name);
        }
        // The JVM lets nobody else define java.*; asking the jars first would only cost time.
        if (name.startsWith("java.")) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                loaded = findOwnOrPlatform(name);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    private Class<?> findOwnOrPlatform(String name) throws ClassNotFoundException {
        try {
            return findClass(name);
        } catch (ClassNotFoundException notInTheJars) {
            return getParent().loadClass(name);
        }
    }

    @Override
    public URL getResource(String name) {
        if (name.startsWith(PORTS_RESOURCES)) {
            return host.getResource(name);
        }
        URL own = findResource(name);
        return own != null ? own : getParent().getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        if (name.startsWith(PORTS_RESOURCES)) {
            return host.getResources(name);
        }
        List<URL> found = new ArrayList<>(Collections.list(findResources(name)));
        found.addAll(Collections.list(getParent().getResources(name)));
        return Collections.enumeration(found);
    }
}
