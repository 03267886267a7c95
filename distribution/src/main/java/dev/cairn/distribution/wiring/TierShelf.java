package dev.cairn.distribution.wiring;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** Opens cache tiers by name, and puts them below an engine, for benchmarks. */
@Singleton
public final class TierShelf {

    private final PluginCatalog plugins;
    private final PluginContext context;
    private final Configuration configuration;
    private final SystemTimers timers;
    private StagingMemory staging;

    @Inject
    TierShelf(
            PluginCatalog plugins,
            PluginContext context,
            Configuration configuration,
            SystemTimers timers) {
        this.plugins = plugins;
        this.context = context;
        this.configuration = configuration;
        this.timers = timers;
    }

    /** Tiers below one engine, which always fetches from them; the caller closes them. */
    public TierChain chain(List<BlockTier> tiers) {
        if (staging == null) {
            staging = CacheTiers.staging(configuration);
        }
        return new TierChain(
                tiers,
                staging,
                timers,
                CacheTiers.QUEUED_STORES,
                CacheTiers.READS_AT_ONCE,
                FetchPolicy.ALWAYS,
                configuration.duration(ProgramSettings.FETCH_DEADLINE).orElseThrow().toNanos());
    }

    /**
     * @throws StartException if nobody offers such a tier
     * @throws dev.cairn.ports.system.Settings.SettingException if it cannot be opened as configured
     */
    public BlockTier open(String name) {
        return plugins.extensions(context, CairnPlugin::blockTiers).stream()
                .filter(offer -> offer.extension().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new StartException("there is no cache tier " + name))
                .extension()
                .open()
                .get();
    }
}
