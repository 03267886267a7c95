package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.KernelProviders;
import dev.cairn.engine.cpu.kernel.KernelSelection;
import dev.cairn.engine.cpu.kernel.KernelsUnavailableException;
import dev.cairn.ports.engine.EngineAvailability;
import dev.cairn.ports.engine.LoadProgress;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;

/**
 * Makes CPU runners. A runner reads embedding rows from the model's mapped file for as long as it
 * lives: close the runner before the artifact. Threads: any, at start.
 */
public final class CpuRunnerFactory implements ModelRunnerFactory {

    static final String NAME = "cpu";

    private final CpuSettings settings;

    CpuRunnerFactory(CpuSettings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public EngineAvailability availability() {
        try {
            KernelSelection selection = KernelProviders.select(settings.kernels());
            return new EngineAvailability(
                    true,
                    0,
                    "kernels %s, %s (%s)"
                            .formatted(
                                    selection.kernels().name(),
                                    threads(settings.threads()),
                                    selection.reason()));
        } catch (KernelsUnavailableException unavailable) {
            return new EngineAvailability(false, 0, unavailable.getMessage());
        }
    }

    @Override
    public ModelRunner create(ModelArtifact model, RunnerOptions options) {
        return create(model, options, LoadProgress.SILENT);
    }

    @Override
    public ModelRunner create(ModelArtifact model, RunnerOptions options, LoadProgress progress) {
        KernelSelection selection;
        try {
            selection = KernelProviders.select(settings.kernels());
        } catch (KernelsUnavailableException unavailable) {
            throw new ModelException(
                    CpuSettings.KERNELS + ": " + unavailable.getMessage(), unavailable);
        }
        return new RunnerAssembly(model, options, settings, selection, progress).assemble();
    }

    static String threads(int count) {
        return count == 1 ? "1 thread" : count + " threads";
    }
}
