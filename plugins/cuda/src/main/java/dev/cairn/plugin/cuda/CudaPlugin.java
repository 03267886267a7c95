package dev.cairn.plugin.cuda;

import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.SettingDescription;
import java.util.List;

/**
 * The CUDA engine as a plugin. No library is loaded before somebody asks whether it can be used.
 */
public final class CudaPlugin implements CairnPlugin {

    @Override
    public String name() {
        return CudaRunnerFactory.NAME;
    }

    @Override
    public List<SettingDescription> settings() {
        return CudaSettings.DESCRIPTIONS;
    }

    @Override
    public List<ModelRunnerFactory> modelRunners(PluginContext context) {
        return List.of(new CudaRunnerFactory(CudaSettings.read(context.settings())));
    }
}
