package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.Settings;
import java.io.IOException;
import java.util.List;

/** The KV transport as a plugin. */
public final class KvPlugin implements CairnPlugin {

    @Override
    public String name() {
        return "kv-transport";
    }

    @Override
    public List<SettingDescription> settings() {
        return KvSettings.describe();
    }

    @Override
    public List<Extension<BlockTransport>> blockTransports(PluginContext context) {
        return List.of(new Extension<>(KvTransport.NAME, () -> open(context)));
    }

    private static KvTransport open(PluginContext context) {
        try {
            KvOptions options = KvSettings.read(context.settings());
            return new KvTransport(options, context.clock(), context.random());
        } catch (IOException | IllegalArgumentException e) {
            throw new Settings.SettingException(e.getMessage());
        }
    }
}
