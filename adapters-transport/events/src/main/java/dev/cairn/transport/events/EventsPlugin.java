package dev.cairn.transport.events;

import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import java.util.Arrays;
import java.util.List;

/** KV events over ZeroMQ as a plugin: one channel per dialect. */
public final class EventsPlugin implements CairnPlugin {

    @Override
    public String name() {
        return "kv-events";
    }

    @Override
    public List<SettingDescription> settings() {
        return EventSettings.describe();
    }

    @Override
    public List<Extension<KvEventChannel>> kvEventChannels(PluginContext context) {
        return Arrays.stream(Dialect.values())
                .map(
                        dialect ->
                                new Extension<KvEventChannel>(
                                        dialect.dashedName(),
                                        () ->
                                                new ZmqKvEvents(
                                                        dialect,
                                                        EventSettings.read(context.settings()))))
                .toList();
    }
}
