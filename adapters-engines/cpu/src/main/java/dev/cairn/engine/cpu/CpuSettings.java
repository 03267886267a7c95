package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.KernelPreference;
import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * The engine's part of the configuration.
 *
 * @param threads that compute, at least 1
 * @param kernels which provider is wanted
 * @param checkMemory whether a model that does not fit in free memory is refused
 */
record CpuSettings(int threads, KernelPreference kernels, boolean checkMemory) {

    static final String THREADS = "cairn.engine.cpu.threads";
    static final String KERNELS = "cairn.engine.cpu.kernels";
    static final String CHECK_MEMORY = "cairn.engine.cpu.check-memory";

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
                            "refuse a model whose weights and KV cache exceed the free memory"));

    /**
     * Reads the settings.
     *
     * @throws Settings.SettingException if a value makes no sense; names the key
     */
    static CpuSettings read(Settings settings) {
        return new CpuSettings(
                threads(settings.integer(THREADS)),
                preference(settings.text(KERNELS).orElse("auto")),
                settings.flag(CHECK_MEMORY).orElse(true));
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
