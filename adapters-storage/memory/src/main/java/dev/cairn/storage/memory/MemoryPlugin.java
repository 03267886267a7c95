package dev.cairn.storage.memory;

import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.SettingDescription.Type;
import dev.cairn.ports.system.Settings;
import dev.cairn.storage.slots.RetentionSettings;
import java.util.ArrayList;
import java.util.List;

/** The host tier as a plugin. */
public final class MemoryPlugin implements CairnPlugin {

    private static final String SIZE = "cairn.cache.host.size";
    private static final RetentionSettings COMMON = new RetentionSettings("cairn.cache.host.");

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<SettingDescription> settings() {
        List<SettingDescription> settings = new ArrayList<>();
        settings.add(
                SettingDescription.of(
                        SIZE,
                        Type.SIZE,
                        "1GiB",
                        "Memory of the cache tier host, taken if cairn.cache.tiers names it."));
        settings.addAll(COMMON.describe(4096, 1, "Threads that read, and as many that write."));
        return settings;
    }

    @Override
    public List<Extension<BlockTier>> blockTiers(PluginContext context) {
        return List.of(new Extension<>(MemoryTier.NAME, () -> open(context)));
    }

    private static MemoryTier open(PluginContext context) {
        Settings settings = context.settings();
        long bytes = settings.size(SIZE).orElseThrow();
        try {
            var options =
                    new MemoryOptions(
                            bytes,
                            COMMON.read(settings, bytes),
                            COMMON.queue(settings),
                            COMMON.threads(settings));
            return new MemoryTier(options, context.clock(), context.telemetry());
        } catch (IllegalArgumentException e) {
            throw new Settings.SettingException(SIZE + ": " + e.getMessage());
        }
    }
}
