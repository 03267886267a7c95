package dev.cairn.distribution.wiring;

import dev.cairn.distribution.plugin.InstalledPlugin;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.engine.ScoreRunner;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.model.ModelFormat;
import dev.cairn.ports.model.ModelStore;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Everything that adapters and plugins offer, for people to read. */
@Singleton
public final class Offers {

    private final PluginCatalog plugins;
    private final PluginContext context;
    private final EngineChoice engines;

    @Inject
    Offers(PluginCatalog plugins, PluginContext context, EngineChoice engines) {
        this.plugins = plugins;
        this.context = context;
        this.engines = engines;
    }

    /** Built-in adapters first, then plugins. */
    public List<OfPlugin> byPlugin() {
        List<Placed> placed = new ArrayList<>();
        for (EngineChoice.Engine engine : engines.engines()) {
            String found = engine.availability().report();
            placed.add(
                    new Placed(
                            engine.plugin(),
                            new Offer(
                                    "engine",
                                    engine.factory().name(),
                                    engine.availability().usable()
                                            ? found
                                            : "not usable: " + found)));
        }
        named(
                placed,
                "model format",
                ModelFormat.class,
                CairnPlugin::modelFormats,
                ModelFormat::name);
        named(placed, "model store", ModelStore.class, CairnPlugin::modelStores, ModelStore::name);
        named(
                placed,
                "embedding engine",
                EmbeddingRunner.Factory.class,
                CairnPlugin::embeddingRunners,
                EmbeddingRunner.Factory::name);
        named(
                placed,
                "score engine",
                ScoreRunner.Factory.class,
                CairnPlugin::scoreRunners,
                ScoreRunner.Factory::name);
        named(
                placed,
                "routing policy",
                RoutingPolicy.class,
                CairnPlugin::routingPolicies,
                RoutingPolicy::name);
        extensions(placed, "backend", CairnPlugin::generationBackends);
        extensions(placed, "block tier", CairnPlugin::blockTiers);
        extensions(placed, "block directory", CairnPlugin::blockDirectories);
        extensions(placed, "block transport", CairnPlugin::blockTransports);
        extensions(placed, "KV event channel", CairnPlugin::kvEventChannels);
        extensions(placed, "membership", CairnPlugin::memberships);
        extensions(placed, "cluster commands", CairnPlugin::clusterCommands);
        return plugins.plugins().stream()
                .map(
                        plugin ->
                                new OfPlugin(
                                        plugin,
                                        placed.stream()
                                                .filter(each -> each.plugin().equals(plugin))
                                                .map(Placed::offer)
                                                .toList()))
                .toList();
    }

    private <T> void named(
            List<Placed> placed,
            String kind,
            Class<T> type,
            BiFunction<CairnPlugin, PluginContext, List<T>> question,
            Function<T, String> name) {
        for (PluginCatalog.Offer<T> offer : plugins.offers(type, context, question)) {
            placed.add(
                    new Placed(offer.plugin(), new Offer(kind, name.apply(offer.extension()), "")));
        }
    }

    private <T> void extensions(
            List<Placed> placed,
            String kind,
            BiFunction<CairnPlugin, PluginContext, List<Extension<T>>> question) {
        for (PluginCatalog.Offer<Extension<T>> offer : plugins.extensions(context, question)) {
            placed.add(new Placed(offer.plugin(), new Offer(kind, offer.extension().name(), "")));
        }
    }

    /**
     * @param remark what there is to say about it; may be empty
     */
    public record Offer(String kind, String name, String remark) {}

    /** A plugin and its offers. */
    public record OfPlugin(InstalledPlugin plugin, List<Offer> offers) {}

    private record Placed(InstalledPlugin plugin, Offer offer) {}
}
