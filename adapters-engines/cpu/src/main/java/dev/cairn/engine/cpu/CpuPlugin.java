package dev.cairn.engine.cpu;

import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import java.util.List;

/** The CPU engine as a plugin: always there, on every platform that has a JVM. */
public final class CpuPlugin implements CairnPlugin {

    @Override
    public String name() {
        return CpuRunnerFactory.NAME;
    }

    @Override
    public List<SettingDescription> settings() {
        return CpuSettings.DESCRIPTIONS;
    }

    @Override
    public List<ModelRunnerFactory> modelRunners(PluginContext context) {
        return List.of(new CpuRunnerFactory(CpuSettings.read(context.settings())));
    }
}
