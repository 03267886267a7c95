package dev.cairn.distribution.plugin;

import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.Settings.SettingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Every adapter and plugin of this process, and how to ask them what they offer. */
public final class PluginCatalog {

    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    private final List<InstalledPlugin> plugins;
    private final Optional<PluginFolder> folder;

    PluginCatalog(List<InstalledPlugin> plugins, Optional<PluginFolder> folder) {
        this.folder = folder;
        Map<String, InstalledPlugin> byName = new LinkedHashMap<>();
        for (InstalledPlugin plugin : plugins) {
            if (plugin.name() == null || !NAME.matcher(plugin.name()).matches()) {
                throw new PluginException(
                        "%s calls itself \"%s\"; a plugin's name is dashed and in lower case"
                                .formatted(plugin.origin(), plugin.name()));
            }
            InstalledPlugin other = byName.put(plugin.name(), plugin);
            if (other != null) {
                throw new PluginException(
                        "two plugins are called \"%s\": %s and %s; remove one of them"
                                .formatted(plugin.name(), other.origin(), plugin.origin()));
            }
        }
        this.plugins = List.copyOf(plugins);
    }

    /**
     * Finds the built-in adapters, then what lies in a folder.
     *
     * @throws PluginException for a jar that is no plugin, one for another version of the
     *     interfaces, or a name that two of them have
     */
    public static PluginCatalog find(Optional<Path> folder) {
        ClassLoader host = PluginCatalog.class.getClassLoader();
        List<InstalledPlugin> found = new ArrayList<>();
        for (CairnPlugin builtIn : ServiceLoader.load(CairnPlugin.class, host)) {
            found.add(new InstalledPlugin(builtIn.name(), builtIn, Optional.empty(), host));
        }
        Optional<PluginFolder> plugins = folder.map(PluginFolder::new);
        plugins.ifPresent(all -> found.addAll(all.load()));
        return new PluginCatalog(found, plugins);
    }

    public List<InstalledPlugin> plugins() {
        return plugins;
    }

    /** Keys that a plugin described. */
    public List<SettingDescription> settings(InstalledPlugin plugin) {
        return ask(plugin, CairnPlugin::settings);
    }

    /**
     * What all plugins offer of one kind, behind proxies that set the context class loader.
     *
     * @param type the interface, for the proxies
     * @param question the method of {@link CairnPlugin} that gives them
     */
    public <T> List<Offer<T>> offers(
            Class<T> type,
            PluginContext context,
            BiFunction<CairnPlugin, PluginContext, List<T>> question) {
        List<Offer<T>> offers = new ArrayList<>();
        for (InstalledPlugin plugin : plugins) {
            for (T offered : ask(plugin, asked -> question.apply(asked, context))) {
                T shown =
                        plugin.builtIn()
                                ? offered
                                : ContextClassLoader.around(plugin.loader(), type, offered);
                offers.add(new Offer<>(shown, plugin));
            }
        }
        return List.copyOf(offers);
    }

    /** As {@link #offers}, for what is made by name when configuration asks for it. */
    public <T> List<Offer<Extension<T>>> extensions(
            PluginContext context,
            BiFunction<CairnPlugin, PluginContext, List<Extension<T>>> question) {
        List<Offer<Extension<T>>> offers = new ArrayList<>();
        for (InstalledPlugin plugin : plugins) {
            for (Extension<T> offered : ask(plugin, asked -> question.apply(asked, context))) {
                offers.add(
                        new Offer<>(
                                new Extension<>(
                                        offered.name(),
                                        () ->
                                                ContextClassLoader.call(
                                                        plugin.loader(), offered.open())),
                                plugin));
            }
        }
        return List.copyOf(offers);
    }

    /**
     * What plugins offer of one kind as they lie in the folder now, loaded anew and apart from what
     * was found at start: those that offered something of the kind then, and those that were put
     * there since.
     *
     * @param wanted the first that passes is taken; all others are unloaded at once
     * @throws PluginException if a jar cannot be loaded
     */
    public <T> Optional<Fresh<T>> fresh(
            PluginContext context,
            BiFunction<CairnPlugin, PluginContext, List<T>> question,
            Predicate<T> wanted) {
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        for (Path location : folder.get().locations()) {
            boolean offeredNothing =
                    plugins.stream()
                            .filter(plugin -> plugin.jar().equals(Optional.of(location)))
                            .anyMatch(
                                    plugin ->
                                            ask(plugin, asked -> question.apply(asked, context))
                                                    .isEmpty());
            if (offeredNothing) {
                continue;
            }
            List<InstalledPlugin> loaded = folder.get().load(location);
            for (InstalledPlugin plugin : loaded) {
                for (T offered : ask(plugin, asked -> question.apply(asked, context))) {
                    if (wanted.test(offered)) {
                        return Optional.of(new Fresh<>(offered, plugin));
                    }
                }
            }
            loaded.forEach(InstalledPlugin::unload);
        }
        return Optional.empty();
    }

    private static <T> List<T> ask(
            InstalledPlugin plugin, Function<CairnPlugin, List<T>> question) {
        try {
            return ContextClassLoader.call(
                    plugin.loader(), () -> List.copyOf(question.apply(plugin.plugin())));
        } catch (SettingException wrongValue) {
            throw wrongValue;
        } catch (LinkageError | RuntimeException broken) {
            throw new PluginException(
                    "plugin %s (%s) failed at start: %s"
                            .formatted(plugin.name(), plugin.origin(), broken),
                    broken);
        }
    }

    /**
     * Something that was loaded anew.
     *
     * @param plugin to be unloaded when it is not needed any more
     */
    public record Fresh<T>(T extension, InstalledPlugin plugin) {

        /** What it offers, so that its faults do not reach a router. */
        public RoutingPolicy guarded(RoutingPolicy policy) {
            return new UnloadablePolicy(policy, plugin.loader());
        }
    }

    /**
     * Something offered.
     *
     * @param plugin who offers it
     */
    public record Offer<T>(T extension, InstalledPlugin plugin) {}
}
