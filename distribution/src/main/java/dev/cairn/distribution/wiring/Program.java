package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.plugin.PluginCatalog;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;

/**
 * The container that builds everything through constructors. Its classes are named here one by one:
 * nothing is scanned for, because that costs a third of the start.
 *
 * <p>Threads: one.
 */
public final class Program implements AutoCloseable {

    private static final Class<?>[] PARTS = {
        ProgramParts.class,
        EngineChoice.class,
        Offers.class,
        ModelOpener.class,
        ModelFinder.class,
        Cluster.class,
        CacheSharing.class,
        EventPublishing.class,
        CacheTiers.class,
        ModelLoader.class,
        DraftShelf.class,
        LoraAdapters.class,
        ModelsOnDemand.class,
        StepReport.class,
        InferenceAssembly.class,
        PolicyShelf.class,
        RouterAssembly.class,
        HttpFrontEnd.class,
        SplitPrefill.class,
        CurrentRole.class,
        WorkerNode.class,
        Serving.class,
        EngineCaches.class,
        Relaying.class,
        ModelShelf.class,
        BenchmarkRunner.class,
        TierShelf.class
    };

    private final SeContainer container;

    private Program(SeContainer container) {
        this.container = container;
    }

    public static Program start(Setup setup) {
        // Who asks MicroProfile Config, as libraries do, is told the same as everybody.
        ConfigProviderResolver.instance()
                .registerConfig(
                        setup.configuration().asMicroProfile(), Program.class.getClassLoader());
        Map<Class<?>, Object> given = new LinkedHashMap<>();
        given.put(Installation.class, setup.installation());
        given.put(PluginCatalog.class, setup.plugins());
        given.put(Configuration.class, setup.configuration());
        given.put(ProgramVersion.class, ProgramVersion.of(setup.installation()));
        return new Program(
                SeContainerInitializer.newInstance()
                        .disableDiscovery()
                        .addExtensions(new GivenParts(given))
                        .addBeanClasses(PARTS)
                        .initialize());
    }

    /** The one object of a class, built now if it is asked for the first time. */
    public <T> T part(Class<T> type) {
        return container.select(type).get();
    }

    /** Ends what was built, in no particular order: what has one is ended before, by its owner. */
    @Override
    public void close() {
        container.close();
    }
}
