package dev.cairn.storage.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.system.Settings;
import dev.cairn.ports.system.Settings.SettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubSettingsTest {

    @TempDir private Path home;
    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> settings = new HashMap<>();

    private HubSettings read() {
        return HubSettings.read(new Given(settings), environment::get);
    }

    @Test
    void theEnvironmentOfOtherToolsIsRead() throws IOException {
        environment.put("HF_ENDPOINT", "http://mirror:8080/");
        environment.put("HF_HOME", home.toString());
        environment.put("HF_HUB_OFFLINE", "1");
        Files.writeString(home.resolve("token"), "hf_file\n");

        assertThat(read())
                .isEqualTo(
                        new HubSettings(
                                "http://mirror:8080",
                                Optional.of("hf_file"),
                                home.resolve("hub"),
                                true,
                                4,
                                Duration.ofSeconds(30)));
        environment.put("HF_TOKEN", "hf_variable");
        assertThat(read().token()).contains("hf_variable");
        assertThat(read().toString()).doesNotContain("hf_variable");
    }

    @Test
    void settingsComeBeforeTheEnvironment() {
        environment.put("HF_ENDPOINT", "http://mirror");
        environment.put("HF_HUB_OFFLINE", "1");
        settings.put("cairn.hub.endpoint", "https://other");
        settings.put("cairn.hub.offline", "false");
        settings.put("cairn.hub.cache", home.resolve("mine").toString());

        assertThat(read().endpoint()).isEqualTo("https://other");
        assertThat(read().offline()).isFalse();
        assertThat(read().cache()).isEqualTo(home.resolve("mine"));
    }

    @Test
    void whatCannotBeUsedIsRefusedByName() {
        settings.put("cairn.hub.endpoint", "huggingface.co");
        assertThatThrownBy(this::read)
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("https://huggingface.co");
        settings.put("cairn.hub.endpoint", "https://huggingface.co");
        settings.put("cairn.hub.connections", "0");
        assertThatThrownBy(this::read)
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("cairn.hub.connections");
    }

    private record Given(Map<String, String> values) implements Settings {

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
            return OptionalLong.of(text(key).map(Long::valueOf).orElse(4L));
        }

        @Override
        public OptionalDouble decimal(String key) {
            return OptionalDouble.empty();
        }

        @Override
        public OptionalLong size(String key) {
            return OptionalLong.empty();
        }

        @Override
        public Optional<Duration> duration(String key) {
            return Optional.of(Duration.ofSeconds(30));
        }

        @Override
        public List<String> list(String key) {
            return List.of();
        }
    }
}
