package dev.cairn.plugin.cuda;

import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The engine's part of the configuration.
 *
 * @param libraries folder where libraries are sought first
 * @param device number of the device, from 0
 * @param kernelCache folder of compiled kernels; empty = the user's cache folder
 * @param batchInvariant whether products take one algorithm per shape of the weights, so that a row
 *     does not depend on the batch
 * @param graphs whether decode steps are recorded once per batch size and given again
 * @param pins whether the memory of the host tier is pinned
 */
record CudaSettings(
        Optional<Path> libraries,
        int device,
        Optional<Path> kernelCache,
        boolean batchInvariant,
        boolean graphs,
        boolean pins) {

    static final String LIBRARIES = "cairn.engine.cuda.libraries";
    static final String DEVICE = "cairn.engine.cuda.device";
    static final String KERNEL_CACHE = "cairn.engine.cuda.kernel-cache";
    static final String BATCH_INVARIANT = "cairn.engine.cuda.batch-invariant";
    static final String GRAPHS = "cairn.engine.cuda.graphs";
    static final String PINS = "cairn.engine.cuda.pin-host-memory";
    private static final int MOST_DEVICES = 1024;

    static final List<SettingDescription> DESCRIPTIONS =
            List.of(
                    SettingDescription.optional(
                            LIBRARIES,
                            SettingDescription.Type.STRING,
                            "folder where libcuda, libnvrtc and libcublasLt are sought first; unset: the system's places and Python's nvidia packages"),
                    SettingDescription.of(
                            DEVICE,
                            SettingDescription.Type.INTEGER,
                            "0",
                            "number of the CUDA device that computes"),
                    SettingDescription.optional(
                            KERNEL_CACHE,
                            SettingDescription.Type.STRING,
                            "folder that keeps compiled kernels; unset: cairn/cuda in the user's cache folder"),
                    SettingDescription.of(
                            BATCH_INVARIANT,
                            SettingDescription.Type.BOOLEAN,
                            "true",
                            "choose the algorithm of a matrix product by the weights' shape alone, so that an answer does not depend on the batch; false: by the batch's size too"),
                    SettingDescription.of(
                            GRAPHS,
                            SettingDescription.Type.BOOLEAN,
                            "true",
                            "record the kernels of a decode step once for each bucket of batch size and context (powers of two) and give them to the device at once; false: kernel by kernel"),
                    SettingDescription.of(
                            PINS,
                            SettingDescription.Type.BOOLEAN,
                            "true",
                            "pin the host tier's memory, so that the device copies blocks there itself; all of it is taken from the machine at start; false: blocks pass through 64 MiB, and are copied once more"));

    CudaSettings withBatchInvariant(boolean invariant) {
        return new CudaSettings(libraries, device, kernelCache, invariant, graphs, pins);
    }

    /**
     * Reads the settings.
     *
     * @throws Settings.SettingException if a value makes no sense; names the key
     */
    static CudaSettings read(Settings settings) {
        long device = settings.integer(DEVICE).orElse(0);
        if (device < 0 || device >= MOST_DEVICES) {
            throw new Settings.SettingException(
                    DEVICE
                            + ": there is no device "
                            + device
                            + "; write the number of one, from 0");
        }
        return new CudaSettings(
                settings.text(LIBRARIES).map(Path::of),
                (int) device,
                settings.text(KERNEL_CACHE).map(Path::of),
                settings.flag(BATCH_INVARIANT).orElse(true),
                settings.flag(GRAPHS).orElse(true),
                settings.flag(PINS).orElse(true));
    }
}
