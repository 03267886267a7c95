package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.KernelPreference;
import dev.cairn.engine.cpu.packed.PackedFolder;
import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.Settings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * The engine's part of the configuration.
 *
 * @param threads that compute, at least 1
 * @param kernels which provider is wanted
 * @param checkMemory whether a model that does not fit in free memory is refused
 * @param packedWeights where packed weights are kept; empty = nowhere
 */
record CpuSettings(
        int threads,
        KernelPreference kernels,
        boolean checkMemory,
        Optional<PackedFolder> packedWeights) {

    static final String THREADS = "cairn.engine.cpu.threads";
    static final String KERNELS = "cairn.engine.cpu.kernels";
    static final String CHECK_MEMORY = "cairn.engine.cpu.check-memory";

    static final String PACKED_FOLDER = "cairn.engine.cpu.packed-weights.folder";
    static final String PACKED_MAP = "cairn.engine.cpu.packed-weights.map";
    static final String PACKED_SIZE = "cairn.engine.cpu.packed-weights.size";

    /** Bytes of packed weights; fewer are packed in a fraction of a second. */
    private static final long WORTH_KEEPING = 64L << 20;

    private static final int MOST_THREADS = 1024;

    static final List<SettingDescription> DESCRIPTIONS =
            List.of(
                    SettingDescription.optional(
                            THREADS,
                            SettingDescription.Type.INTEGER,
                            "threads that compute; unset: one per physical core that the process may use"),
                    SettingDescription.of(
                            KERNELS,
                            SettingDescription.Type.STRING,
                            "auto",
                            "arithmetic of the CPU engine: auto, native, vector or plain"),
                    SettingDescription.of(
                            CHECK_MEMORY,
                            SettingDescription.Type.BOOLEAN,
                            "true",
                            "refuse a model whose weights and KV cache exceed the free memory"),
                    SettingDescription.optional(
                            PACKED_FOLDER,
                            SettingDescription.Type.STRING,
                            "where packed weights are kept for the next start; unset: cairn/packed in the user's cache folder"),
                    SettingDescription.of(
                            PACKED_MAP,
                            SettingDescription.Type.BOOLEAN,
                            "false",
                            "use packed weights where the system has their file in memory: processes share one copy, and read it more slowly"),
                    SettingDescription.of(
                            PACKED_SIZE,
                            SettingDescription.Type.SIZE,
                            "32GiB",
                            "most that packed weights take on disk, least recently used ones are removed; 0: none are kept"));

    /** Without packed weights on disk. */
    CpuSettings(int threads, KernelPreference kernels, boolean checkMemory) {
        this(threads, kernels, checkMemory, Optional.empty());
    }

    /**
     * Reads the settings.
     *
     * @throws Settings.SettingException if a value makes no sense; names the key
     */
    static CpuSettings read(Settings settings) {
        return new CpuSettings(
                threads(settings.integer(THREADS)),
                preference(settings.text(KERNELS).orElse("auto")),
                settings.flag(CHECK_MEMORY).orElse(true),
                packedWeights(settings));
    }

    private static Optional<PackedFolder> packedWeights(Settings settings) {
        long most = settings.size(PACKED_SIZE).orElse(0);
        return most == 0
                ? Optional.empty()
                : Optional.of(
                        new PackedFolder(
                                settings.text(PACKED_FOLDER)
                                        .map(Path::of)
                                        .orElseGet(PackedFolder::usual),
                                WORTH_KEEPING,
                                most,
                                settings.flag(PACKED_MAP).orElse(false)));
    }

    private static int threads(OptionalLong wanted) {
        if (wanted.isEmpty()) {
            return Processors.usableCores();
        }
        long threads = wanted.getAsLong();
        if (threads < 1 || threads > MOST_THREADS) {
            throw new Settings.SettingException(
                    THREADS + ": " + threads + " threads cannot be; write 1 to " + MOST_THREADS);
        }
        return (int) threads;
    }

    private static KernelPreference preference(String text) {
        for (KernelPreference preference : KernelPreference.values()) {
            if (preference.name().toLowerCase(Locale.ROOT).equals(text)) {
                return preference;
            }
        }
        throw new Settings.SettingException(
                KERNELS
                        + ": \""
                        + text
                        + "\" is no kernel provider; write "
                        + Arrays.stream(KernelPreference.values())
                                .map(known -> known.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")));
    }
}
