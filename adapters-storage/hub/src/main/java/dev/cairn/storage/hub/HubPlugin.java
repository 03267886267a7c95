package dev.cairn.storage.hub;

import dev.cairn.ports.model.ModelStore;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import java.util.List;

/** The hub as a plugin. */
public final class HubPlugin implements CairnPlugin {

    @Override
    public String name() {
        return "hub";
    }

    @Override
    public List<SettingDescription> settings() {
        return HubSettings.describe();
    }

    @Override
    public List<ModelStore> modelStores(PluginContext context) {
        return List.of(new HubStore(() -> HubSettings.read(context.settings(), System::getenv)));
    }
}
