package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.cpu.kernel.KernelPreference;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.system.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class CpuSettingsTest {

    @Test
    void valuesAreRead() {
        CpuSettings read =
                read(
                        Map.of(
                                CpuSettings.THREADS, "3",
                                CpuSettings.KERNELS, "plain",
                                CpuSettings.CHECK_MEMORY, "false"));
        assertThat(read).isEqualTo(new CpuSettings(3, KernelPreference.PLAIN, false));
    }

    @Test
    void threadsDefaultToTheCores() {
        assertThat(read(Map.of(CpuSettings.KERNELS, "auto")))
                .isEqualTo(new CpuSettings(Processors.usableCores(), KernelPreference.AUTO, true));
    }

    @Test
    void packedWeightsAreKeptWhereTheyMayHaveRoom() {
        assertThat(read(Map.of(CpuSettings.PACKED_SIZE, "0")).packedWeights()).isEmpty();
        assertThat(
                        read(Map.of(
                                        CpuSettings.PACKED_SIZE, "1000",
                                        CpuSettings.PACKED_FOLDER, "somewhere"))
                                .packedWeights())
                .isPresent();
    }

    @Test
    void nonsenseIsRefusedByKey() {
        assertThatThrownBy(() -> read(Map.of(CpuSettings.THREADS, "0")))
                .isInstanceOf(Settings.SettingException.class)
                .hasMessage("cairn.engine.cpu.threads: 0 threads cannot be; write 1 to 1024");
        assertThatThrownBy(() -> read(Map.of(CpuSettings.KERNELS, "fast")))
                .isInstanceOf(Settings.SettingException.class)
                .hasMessage(
                        "cairn.engine.cpu.kernels: \"fast\" is no kernel provider; write auto, native, vector, plain");
    }

    @Test
    void thePluginIsFound() {
        assertThat(ServiceLoader.load(CairnPlugin.class))
                .filteredOn(CpuPlugin.class::isInstance)
                .hasSize(1)
                .first()
                .satisfies(
                        plugin -> {
                            assertThat(plugin.name()).isEqualTo("cpu");
                            assertThat(plugin.settings()).isEqualTo(CpuSettings.DESCRIPTIONS);
                        });
    }

    private static CpuSettings read(Map<String, String> values) {
        return CpuSettings.read(new MapSettings(values));
    }

    /** Settings without defaults. */
    private record MapSettings(Map<String, String> values) implements Settings {

        @Override
        public Optional<String> text(String key) {
            return Optional.ofNullable(values.get(key));
        }

        @Override
        public Optional<Boolean> flag(String key) {
            return text(key).map(Boolean::valueOf);
        }

        @Override
        public OptionalLong integer(String key) {
            return text(key).map(Long::valueOf).map(OptionalLong::of).orElse(OptionalLong.empty());
        }

        @Override
        public OptionalDouble decimal(String key) {
            return OptionalDouble.empty();
        }

        @Override
        public OptionalLong size(String key) {
            return integer(key);
        }

        @Override
        public Optional<Duration> duration(String key) {
            return Optional.empty();
        }

        @Override
        public List<String> list(String key) {
            return List.of();
        }
    }
}
