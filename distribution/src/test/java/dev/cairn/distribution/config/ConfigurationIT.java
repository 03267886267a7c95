package dev.cairn.distribution.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.distribution.config.ConfigurationInput.Assignment;
import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.SettingDescription.Type;
import dev.cairn.ports.system.Settings.SettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationIT {

    private static final String SIZE = "cairn.cache.host.size";
    private static final String PORT = "cairn.http.port";
    private static final String KEY = "cairn.http.api-key";

    @TempDir private Path folder;

    private final SettingCatalog catalog =
            new SettingCatalog()
                    .add(
                            "test",
                            List.of(
                                    SettingDescription.optional(SIZE, Type.SIZE, "A size."),
                                    SettingDescription.of(PORT, Type.INTEGER, "8080", "A port."),
                                    new SettingDescription(
                                            KEY, Type.STRING, Optional.empty(), "A key.", true)));

    @Test
    void laterSourcesWin() throws IOException {
        Path file = file("cairn.http.port = 1");
        Map<String, String> environment = Map.of("CAIRN_HTTP_PORT", "2");
        Map<String, String> system = Map.of(PORT, "3");
        List<Assignment> set = List.of(new Assignment(PORT, "4", "--port"));

        assertThat(port(Optional.empty(), Map.of(), Map.of(), List.of())).isEqualTo(8080);
        assertThat(port(Optional.of(file), Map.of(), Map.of(), List.of())).isEqualTo(1);
        assertThat(port(Optional.of(file), environment, Map.of(), List.of())).isEqualTo(2);
        assertThat(port(Optional.of(file), environment, system, List.of())).isEqualTo(3);
        assertThat(port(Optional.of(file), environment, system, set)).isEqualTo(4);
    }

    @Test
    void aWrongValueIsToldWithItsFileAndLine() throws IOException {
        Path file = file("# sizes", "", "cairn.cache.host.size = 12GiBs");

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(SettingException.class)
                .hasMessage(
                        "cairn.cache.host.size in %s line 3: \"12GiBs\" is no size; write 12GiB"
                                .formatted(file));
    }

    @Test
    void anUnknownKeyIsToldWithItsLineAndWhatWasMeant() throws IOException {
        Path file = file("cairn.http.port = 1", "cairn.htpp.port = 2");

        assertThatThrownBy(() -> read(file))
                .hasMessage(
                        "cairn.htpp.port in %s line 2 is no setting; did you mean cairn.http.port?"
                                .formatted(file));
    }

    @Test
    void aKeyOfAnotherPrefixInTheFileIsUnknownToo() throws IOException {
        assertThatThrownBy(() -> read(file("quarkus.http.port = 1")))
                .hasMessageContaining("line 1 is no setting");
    }

    @Test
    void theSameKeyTwiceIsRefused() throws IOException {
        Path file = file("cairn.http.port = 1", "cairn.http.port = 2");

        assertThatThrownBy(() -> read(file))
                .hasMessage(
                        "%s line 2: cairn.http.port stands in line 1 already; keep one of them"
                                .formatted(file));
    }

    @Test
    void aLineMayGoOnInTheNext() throws IOException {
        Configuration configuration =
                read(file("cairn.http.\\", "  port = 1234", "cairn.cache.host.size = 8\\", "KiB"));

        assertThat(configuration.integer(PORT)).hasValue(1234);
        assertThat(configuration.size(SIZE)).hasValue(8192);
        assertThat(configuration.place(SIZE)).endsWith("line 3");
    }

    @Test
    void aFileThatIsNotThereIsTold() {
        assertThatThrownBy(() -> read(folder.resolve("none.properties")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("there is no configuration file");
    }

    @Test
    void secretsAreNeverShown() {
        Configuration configuration =
                read(
                        Optional.empty(),
                        Map.of("CAIRN_HTTP_API_KEY", "sk-very-secret"),
                        Map.of(),
                        List.of());

        assertThat(configuration.text(KEY)).hasValue("sk-very-secret");
        assertThat(configuration.lines().toString()).doesNotContain("sk-very-secret");
        assertThat(configuration.secrets()).containsExactly("sk-very-secret");
    }

    @Test
    void everyKeySaysWhereItsValueComesFrom() throws IOException {
        Path file = file("cairn.cache.host.size = 1GiB");

        assertThat(read(file).lines())
                .extracting(Configuration.Line::origin)
                .containsExactly(file + " line 1", "not set", "default");
    }

    @Test
    void strangeVariablesAreWarnedOfButThoseOfOrchestratorsAreNot() {
        Configuration configuration =
                read(
                        Optional.empty(),
                        Map.of(
                                "CAIRN_HTTP_PROT", "1",
                                "CAIRN_SERVICE_HOST", "10.0.0.1",
                                "CAIRN_PORT", "tcp://10.0.0.1:8080",
                                "CAIRN_PORT_8080_TCP_ADDR", "10.0.0.1",
                                "CAIRN_JAVA_OPTS", "-Xmx1g"),
                        Map.of(),
                        List.of());

        assertThat(configuration.warnings())
                .containsExactly(
                        "environment variable CAIRN_HTTP_PROT is no setting; did you mean CAIRN_HTTP_PORT?");
    }

    @Test
    void aKeyThatNobodyDescribedIsABugOfWhoAsks() {
        Configuration configuration = read(Optional.empty(), Map.of(), Map.of(), List.of());

        assertThatThrownBy(() -> configuration.text("cairn.unheard.of"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void twoPartsCannotDescribeOneKey() {
        assertThatThrownBy(
                        () ->
                                catalog.add(
                                        "other",
                                        List.of(
                                                SettingDescription.optional(
                                                        PORT, Type.STRING, "Mine."))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("described by test and by other");
    }

    private Path file(String... lines) throws IOException {
        return Files.write(folder.resolve("cairn.properties"), List.of(lines));
    }

    private Configuration read(Path file) {
        return read(Optional.of(file), Map.of(), Map.of(), List.of());
    }

    private Configuration read(
            Optional<Path> file,
            Map<String, String> environment,
            Map<String, String> system,
            List<Assignment> set) {
        return new ConfigurationReader(catalog)
                .read(new ConfigurationInput(file, Optional.empty(), environment, system, set));
    }

    private long port(
            Optional<Path> file,
            Map<String, String> environment,
            Map<String, String> system,
            List<Assignment> set) {
        return read(file, environment, system, set).integer(PORT).orElseThrow();
    }
}
