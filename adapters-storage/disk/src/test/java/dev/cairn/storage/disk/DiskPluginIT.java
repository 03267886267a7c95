package dev.cairn.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.Settings;
import dev.cairn.ports.system.Settings.SettingException;
import dev.cairn.ports.telemetry.Telemetry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads whose disk tier cannot be opened. */
class DiskPluginIT {

    @TempDir private Path folder;

    @Test
    void aFolderThatCannotBeMadeIsToldInASentence() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> open(file.toString(), List.of()))
                .isInstanceOf(SettingException.class)
                .hasMessage(
                        "cairn.cache.disk.path: the folder \"%s\" cannot be made: %s is a file;"
                                + " name a folder",
                        file, file);
        assertThatThrownBy(() -> open(file + "/below", List.of()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("cannot be made or used")
                .hasMessageContaining("name one that this user can make and write");
    }

    @Test
    void aFolderThatAnotherHasSaysSo() {
        try (DiskTier first = open(folder.toString(), List.of())) {
            assertThat(first.usedBytes()).isZero();
            assertThatThrownBy(() -> open(folder.toString(), List.of()))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("is in use by another Cairn");
        }
    }

    @Test
    void quotasThatExceedTheTierAreRefused() {
        assertThatThrownBy(
                        () -> open(folder.toString(), List.of("11111111=48MiB", "22222222=48MiB")))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith("cairn.cache.disk.tenant-quotas: the tenants' quotas");
    }

    private static DiskTier open(String path, List<String> quotas) {
        PluginContext context =
                new PluginContext(
                        new Given(path, quotas),
                        Telemetry.none(),
                        new TestClock(),
                        (_, _) -> () -> {},
                        () -> 7);
        return (DiskTier) new DiskPlugin().blockTiers(context).getFirst().open().get();
    }

    /** The settings of a tier of 64 MiB. */
    private record Given(String path, List<String> quotas) implements Settings {

        @Override
        public Optional<String> text(String key) {
            return Optional.of(
                    key.endsWith("path") ? path : key.endsWith("sync") ? "never" : "lru");
        }

        @Override
        public Optional<Boolean> flag(String key) {
            return Optional.empty();
        }

        @Override
        public OptionalLong integer(String key) {
            return OptionalLong.of(2);
        }

        @Override
        public OptionalDouble decimal(String key) {
            return OptionalDouble.empty();
        }

        @Override
        public OptionalLong size(String key) {
            return key.endsWith(".size") ? OptionalLong.of(64 << 20) : OptionalLong.empty();
        }

        @Override
        public Optional<Duration> duration(String key) {
            return Optional.empty();
        }

        @Override
        public List<String> list(String key) {
            return quotas;
        }
    }
}
