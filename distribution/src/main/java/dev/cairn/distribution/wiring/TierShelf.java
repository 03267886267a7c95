package dev.cairn.distribution.wiring;

import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Opens cache tiers by name. */
@Singleton
public final class TierShelf {

    private final PluginCatalog plugins;
    private final PluginContext context;

    @Inject
    TierShelf(PluginCatalog plugins, PluginContext context) {
        this.plugins = plugins;
        this.context = context;
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
