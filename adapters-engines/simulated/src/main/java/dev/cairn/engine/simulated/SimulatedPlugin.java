package dev.cairn.engine.simulated;

import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import java.util.List;

/** The simulated engine as a plugin; configuration has to ask for it by name. */
public final class SimulatedPlugin implements CairnPlugin {

    @Override
    public String name() {
        return SimulatedRunnerFactory.NAME;
    }

    @Override
    public List<SettingDescription> settings() {
        return SimulatedSettings.DESCRIPTIONS;
    }

    @Override
    public List<ModelRunnerFactory> modelRunners(PluginContext context) {
        return List.of(new SimulatedRunnerFactory(context));
    }
}
