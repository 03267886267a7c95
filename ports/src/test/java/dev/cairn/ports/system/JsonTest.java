package dev.cairn.ports.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "[]",
                "{}",
                "[1,-0,2.5e-3,18446744073709551616]",
                "{\"a\":{\"b\":[\"\",\"\\\"\\\\\\n\"]}}",
                "\"\\ud800 alone\"",
                "\"é€😀\"",
                "{\"b\":1,\"a\":2}"
            })
    void whatIsReadIsWrittenAgain(String text) {
        assertThat(JsonWriter.write(JsonReader.read(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nul",
                "[1,]",
                "{\"a\":1,}",
                "{a:1}",
                "01",
                "1.",
                ".5",
                "+1",
                "1e",
                "\"",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\u0001\"",
                "[1] 2",
                "{\"a\":1,\"a\":2}",
                "NaN",
                "[",
                "{\"a\"",
                "'a'",
                "-"
            })
    void whatIsNoJsonIsRefusedWithItsPlace(String text) {
        assertThatThrownBy(() -> JsonReader.read(text))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("at character");
    }

    @Test
    void escapesAreRead() {
        assertThat(JsonReader.read("\"\\u00e9\\ud83d\\ude00\\/\\b\\f\""))
                .isEqualTo(JsonValue.of("é😀/\b\f"));
    }

    @Test
    void ofMembersOfOneNameTheLastCountsWhereThatIsWanted() {
        String twice = "{\"a\": {\"b\": 1, \"b\": 2}, \"c\": 3, \"a\": {\"b\": 4, \"b\": 5}}";
        assertThatThrownBy(() -> JsonReader.read(twice))
                .hasMessageContaining("\"b\" appears twice");
        assertThat(JsonWriter.write(JsonReader.readLastWins(twice)))
                .isEqualTo(JsonWriter.write(JsonReader.read("{\"a\": {\"b\": 5}, \"c\": 3}")));
    }

    @Test
    void nestingIsBounded() {
        assertThatThrownBy(() -> JsonReader.read("[".repeat(100_000)))
                .hasMessageContaining("nested deeper than 128");
        JsonReader.read("[".repeat(128) + "]".repeat(128));
    }

    @Test
    void integersKeepAllTheirBits() {
        var number = (JsonValue.JsonNumber) JsonReader.read("9223372036854775807");
        assertThat(number.longValueExact()).isEqualTo(Long.MAX_VALUE);
        assertThat(((JsonValue.JsonNumber) JsonReader.read("3.0")).longValueExact()).isEqualTo(3);
        assertThatThrownBy(() -> ((JsonValue.JsonNumber) JsonReader.read("3.5")).longValueExact())
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(
                        () ->
                                ((JsonValue.JsonNumber) JsonReader.read("9223372036854775808"))
                                        .longValueExact())
                .isInstanceOf(ArithmeticException.class);
    }
}
