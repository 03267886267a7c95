package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.ports.request.AccountRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiKeyFileTest {

    @TempDir private Path folder;

    @Test
    void aKeyIsKnownByItsDigestAndBringsItsRules() {
        ApiKeys keys =
                keys(
                        entry(
                                "ann",
                                "one",
                                """
                                , "models": ["a", "b"], "requests_per_minute": 60,
                                "tokens_per_minute": 1000, "tokens_per_day": 5000000000,
                                "priority": -1, "weight": 2.5\
                                """));
        ApiKey key = keys.find(Digests.sha256("one")).orElseThrow();
        AccountRules rules =
                new AccountRules(
                        "ann",
                        Set.of("a", "b"),
                        OptionalInt.of(60),
                        OptionalLong.of(1000),
                        OptionalLong.of(5_000_000_000L),
                        -1);
        assertThat(keys.rules()).isEqualTo(Map.of(key.tenant(), rules));
        assertThat(keys.weights()).isEqualTo(Map.of(key.tenant(), 2.5));
        assertThat(keys.find(Digests.sha256("two"))).isEmpty();
        assertThat(keys.areNone()).isFalse();
    }

    @Test
    void keysOfOneNameAreOneAccount() {
        ApiKeys keys = keys(entry("ann", "one", ""), entry("ann", "two", ""), entry("b", "c", ""));
        assertThat(tenant(keys, "one")).isEqualTo(tenant(keys, "two"));
        assertThat(tenant(keys, "one")).isNotEqualTo(tenant(keys, "c")).doesNotContain("ann");
        assertThat(keys.rules()).hasSize(2).containsValue(AccountRules.free("b"));
    }

    @Test
    void noKeyIsAskedForOnlyWhereThereIsNeitherListNorFile() {
        assertThat(new ApiKeys(List.of(), Optional.empty()).areNone()).isTrue();
        assertThat(keys().areNone()).as("an empty file lets nobody in").isFalse();
    }

    @Test
    void aChangedFileIsReadAgainAndABrokenOneChangesNothing() {
        ApiKeys keys = keys(entry("ann", "one", ""));
        List<Map<String, AccountRules>> told = new ArrayList<>();
        keys.reloadIfChanged(told::add);
        assertThat(told).isEmpty();
        write(entry("ann", "two", ", \"priority\": 3"));
        keys.reloadIfChanged(told::add);
        assertThat(told.getFirst().values()).extracting(AccountRules::priority).containsOnly(3);
        assertThat(keys.find(Digests.sha256("one"))).isEmpty();
        write("{");
        keys.reloadIfChanged(told::add);
        assertThat(told).hasSize(1);
        assertThat(keys.find(Digests.sha256("two"))).isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    [] | an array "keys"
                    {"keys": 1} | an array "keys"
                    {"keys": [1]} | keys[0] must be an object
                    {"keys": [{"name": "a"}]} | keys[0].sha256 must be a text
                    {"keys": [{"name": "", "sha256": "HEX"}]} | keys[0].name must be a text
                    {"keys": [{"name": "a", "sha256": "abc"}]} | keys[0].sha256 must be 64 hex
                    {"keys": [{"name": "a", "sha256": "HEX", "rpm": 1}]} | "rpm" that means nothing
                    {"keys": [{"name": "a", "sha256": "HEX", "models": []}]} | keys[0].models
                    {"keys": [{"name": "a", "sha256": "HEX", "models": ["x", 1]}]} | keys[0].models
                    {"keys": [{"name": "a", "sha256": "HEX", "requests_per_minute": 0}]} | from 1 to
                    {"keys": [{"name": "a", "sha256": "HEX", "tokens_per_day": 1.5}]} | a whole number
                    {"keys": [{"name": "a", "sha256": "HEX", "weight": 0}]} | above 0
                    {"keys": [{"name": "a", "sha256": "HEX"}, {"name": "a", "sha256": "HEX"}]} | there already
                    {"keys": [ | is not JSON
                    """)
    void whatIsWrongIsNamed(String text, String message) throws IOException {
        String hex = Digests.hex("one");
        Path file = Files.writeString(folder.resolve("keys.json"), text.replace("HEX", hex));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new ApiKeys(List.of(), Optional.of(file)))
                .withMessageContaining(message)
                .withMessageContaining("keys.json");
    }

    @Test
    void keysOfOneNameSayTheSameRules() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> keys(entry("a", "x", ""), entry("a", "y", ", \"priority\": 1")))
                .withMessageContaining("keys[1] says other rules for \"a\"");
    }

    private static String tenant(ApiKeys keys, String key) {
        return keys.find(Digests.sha256(key)).orElseThrow().tenant();
    }

    private static String entry(String name, String key, String more) {
        return "{\"name\": \"%s\", \"sha256\": \"%s\"%s}".formatted(name, Digests.hex(key), more);
    }

    private ApiKeys keys(String... entries) {
        return new ApiKeys(List.of(), Optional.of(write(entries)));
    }

    /** As a careful editor does: a whole new file in the place of the old one. */
    private Path write(String... entries) {
        try {
            Path made = Files.createTempFile(folder, "keys", ".new");
            Files.writeString(made, "{\"keys\": [" + String.join(",\n", entries) + "]}");
            return Files.move(
                    made, folder.resolve("keys.json"), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }
}
