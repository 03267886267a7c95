package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ConfigurationInput;
import dev.cairn.distribution.config.ConfigurationReader;
import dev.cairn.distribution.config.LoraSettings;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.config.RoutingSettings;
import dev.cairn.distribution.config.SettingCatalog;
import dev.cairn.distribution.config.SpeculationKeys;
import dev.cairn.distribution.plugin.InstalledPlugin;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.distribution.plugin.PluginException;
import dev.cairn.engine.remote.RemoteSettings;
import dev.cairn.ports.system.Settings.SettingException;
import dev.cairn.transport.http.HttpSettings;
import dev.cairn.transport.node.NodeSettings;

/** What is known before anything is built: where the program lies, its plugins, its settings. */
public record Setup(Installation installation, PluginCatalog plugins, Configuration configuration) {

    /**
     * @throws PluginException for a jar that is no plugin of this version
     * @throws SettingException for a key that nobody described, or a value that is not of its type
     */
    public static Setup read(Installation installation, ConfigurationInput input) {
        PluginCatalog plugins = PluginCatalog.find(installation.plugins());
        SettingCatalog catalog =
                new SettingCatalog()
                        .add("cairn", ProgramSettings.descriptions())
                        .add("router", RoutingSettings.descriptions())
                        .add("lora", LoraSettings.descriptions())
                        .add("speculation", SpeculationKeys.descriptions())
                        .add("http", HttpSettings.describe())
                        .add("node", NodeSettings.describe())
                        .add("remote", RemoteSettings.describe());
        for (InstalledPlugin plugin : plugins.plugins()) {
            try {
                catalog.add("plugin " + plugin.name(), plugins.settings(plugin));
            } catch (IllegalArgumentException badDescription) {
                throw new PluginException(
                        plugin.origin() + ": " + badDescription.getMessage(), badDescription);
            }
        }
        return new Setup(installation, plugins, new ConfigurationReader(catalog).read(input));
    }
}
