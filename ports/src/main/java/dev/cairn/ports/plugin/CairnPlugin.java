package dev.cairn.ports.plugin;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.engine.ScoreRunner;
import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.model.ModelFormat;
import dev.cairn.ports.model.ModelStore;
import dev.cairn.ports.system.SettingDescription;
import java.util.List;

/**
 * The entry of every adapter and plugin. Declared in {@code
 * META-INF/services/dev.cairn.ports.plugin.CairnPlugin}; has a public constructor without
 * parameters that does nothing. A plugin's jar says {@code Cairn-Spi-Version: }{@value
 * #SPI_VERSION} in its manifest.
 *
 * <p>Every method has a default that gives nothing, so that a new extension point breaks no plugin.
 * Methods are called once, at start, after {@link #settings}, with the thread's context class
 * loader set to the plugin's. What they return must be cheap to make: nothing is opened before it
 * is chosen.
 */
public interface CairnPlugin {

    /** Version of these interfaces. A plugin built for another one is refused at start. */
    int SPI_VERSION = 1;

    /** Manifest attribute that carries the version a plugin was built for. */
    String SPI_VERSION_ATTRIBUTE = "Cairn-Spi-Version";

    /** Short, unique, dashed: {@code "cpu"}, {@code "hazelcast"}. */
    String name();

    /**
     * Keys that this plugin reads, so that {@code cairn config} lists them and unknown keys are
     * refused.
     */
    default List<SettingDescription> settings() {
        return List.of();
    }

    default List<ModelFormat> modelFormats(PluginContext context) {
        return List.of();
    }

    default List<ModelStore> modelStores(PluginContext context) {
        return List.of();
    }

    default List<ModelRunnerFactory> modelRunners(PluginContext context) {
        return List.of();
    }

    default List<EmbeddingRunner.Factory> embeddingRunners(PluginContext context) {
        return List.of();
    }

    default List<ScoreRunner.Factory> scoreRunners(PluginContext context) {
        return List.of();
    }

    /** Backends that schedule themselves, made from configuration. */
    default List<Extension<GenerationBackend>> generationBackends(PluginContext context) {
        return List.of();
    }

    default List<Extension<BlockTier>> blockTiers(PluginContext context) {
        return List.of();
    }

    default List<Extension<BlockDirectory>> blockDirectories(PluginContext context) {
        return List.of();
    }

    default List<Extension<BlockTransport>> blockTransports(PluginContext context) {
        return List.of();
    }

    default List<Extension<KvEventChannel>> kvEventChannels(PluginContext context) {
        return List.of();
    }

    default List<Extension<Membership>> memberships(PluginContext context) {
        return List.of();
    }

    default List<Extension<ClusterCommands>> clusterCommands(PluginContext context) {
        return List.of();
    }

    default List<RoutingPolicy> routingPolicies(PluginContext context) {
        return List.of();
    }
}
