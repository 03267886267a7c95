package dev.cairn.plugin.cuda;

import dev.cairn.plugin.cuda.LibrarySearch.NotFoundException;
import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceProperties;
import dev.cairn.plugin.device.DeviceRunnerAssembly;
import dev.cairn.ports.engine.DeviceProbe;
import dev.cairn.ports.engine.EngineAvailability;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.ModelRunnerFactory;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import java.util.List;
import java.util.Locale;

/** Makes runners on a CUDA device. Threads: any, at start. */
final class CudaRunnerFactory implements ModelRunnerFactory {

    static final String NAME = "cuda";

    /** A device is chosen before the CPU where configuration leaves the choice. */
    private static final int PREFERENCE = 100;

    private final CudaSettings settings;
    private CudaLibraries libraries;

    CudaRunnerFactory(CudaSettings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public EngineAvailability availability() {
        try {
            CudaLibraries loaded = libraries();
            int device = loaded.driver().device(settings.device());
            DeviceProperties found = loaded.properties(device);
            return new EngineAvailability(
                    true,
                    PREFERENCE,
                    String.format(
                            Locale.ROOT,
                            "%s (%s, %.1f GiB), %s",
                            found.name(),
                            found.architecture(),
                            found.memoryBytes() / (double) (1 << 30),
                            loaded.versions()));
        } catch (NotFoundException | DeviceException missing) {
            return new EngineAvailability(false, PREFERENCE, missing.getMessage());
        }
    }

    @Override
    public List<DeviceProbe.Rate> deviceRates(DeviceProbe probe) {
        try {
            return MeasureDevice.measure(libraries(), settings, probe);
        } catch (NotFoundException missing) {
            throw new ModelException(missing.getMessage(), missing);
        } catch (DeviceException failure) {
            throw new ModelException(
                    "the device cannot be measured: " + failure.getMessage(), failure);
        }
    }

    @Override
    public ModelRunner create(ModelArtifact model, RunnerOptions options) {
        try {
            CudaLibraries loaded = libraries();
            return new DeviceRunnerAssembly(
                            NAME, () -> CudaDevice.open(loaded, settings), model, options)
                    .assemble();
        } catch (NotFoundException missing) {
            throw new ModelException(missing.getMessage(), missing);
        } catch (DeviceException failure) {
            throw new ModelException(
                    model.defaultName() + " cannot be loaded: " + failure.getMessage(), failure);
        }
    }

    private synchronized CudaLibraries libraries() throws NotFoundException {
        if (libraries == null) {
            libraries = CudaLibraries.load(settings, LibrarySearch.of(settings));
        }
        return libraries;
    }
}
