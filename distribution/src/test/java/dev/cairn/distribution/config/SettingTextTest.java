package dev.cairn.distribution.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingTextTest {

    @ParameterizedTest
    @CsvSource({
        "4096, 4096",
        "8KiB, 8192",
        "512MiB, 536870912",
        "12GiB, 12884901888",
        "1 TiB, 1099511627776"
    })
    void sizesAreBytes(String text, long bytes) {
        assertThat(SettingText.size(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "12GiBs, 'is no size; write 12GiB'",
        "12GB, 'is no size; write 12GiB'",
        "7k, 'is no size; write 7KiB'",
        "1.5GiB, 'is no whole number; write 1536MiB'",
        "-1, 'is no size; write 12GiB'",
        "lots, 'is no size; write 12GiB'",
        "99999999999GiB, 'is more than this machine can address; write 12GiB'"
    })
    void aWrongSizeSaysWhatToWrite(String text, String message) {
        assertThatThrownBy(() -> SettingText.size(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"" + text + "\" " + message);
    }

    @Test
    void durationsHaveUnits() {
        assertThat(SettingText.duration("250ms")).isEqualTo(Duration.ofMillis(250));
        assertThat(SettingText.duration("10s")).isEqualTo(Duration.ofSeconds(10));
        assertThat(SettingText.duration("5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(SettingText.duration("1h")).isEqualTo(Duration.ofHours(1));
    }

    @ParameterizedTest
    @CsvSource({"10, 10s", "10sec, 10s", "10 min, 10m", "soon, 10s", "1.5h, 1h"})
    void aWrongDurationSaysWhatToWrite(String text, String instead) {
        assertThatThrownBy(() -> SettingText.duration(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"" + text + "\" is no duration; write " + instead);
    }

    @Test
    void onlyTrueAndFalseAreFlags() {
        assertThat(SettingText.flag("true")).isTrue();
        assertThat(SettingText.flag(" false ")).isFalse();
        assertThatThrownBy(() -> SettingText.flag("no"))
                .hasMessage("\"no\" is neither true nor false; write false");
        assertThatThrownBy(() -> SettingText.flag("yes"))
                .hasMessage("\"yes\" is neither true nor false; write true");
    }

    @Test
    void numbersAreCheckedToTheLastCharacter() {
        assertThat(SettingText.integer(" 42 ")).isEqualTo(42);
        assertThat(SettingText.decimal("0.25")).isEqualTo(0.25);
        assertThatThrownBy(() -> SettingText.integer("8080x"))
                .hasMessage("\"8080x\" is no whole number; write 8080");
        assertThatThrownBy(() -> SettingText.decimal("NaN")).hasMessageContaining("is no number");
        assertThatThrownBy(() -> SettingText.decimal("1e999")).hasMessageContaining("is no number");
    }

    @Test
    void listsSurviveCommasAndBackslashesInTheirElements() {
        List<String> elements = List.of("a,b", "c\\d", "plain", "e\\,f");

        assertThat(SettingText.list(SettingText.listText(elements))).isEqualTo(elements);
        assertThat(SettingText.list(" one , two,, three ")).containsExactly("one", "two", "three");
    }
}
