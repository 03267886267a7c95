package dev.cairn.distribution.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import java.time.Instant;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogFormatTest {

    private static LogRecord record(String message) {
        LogRecord record = new LogRecord(Level.WARNING, message);
        record.setLoggerName("dev.cairn.test");
        record.setInstant(Instant.parse("2026-11-21T12:00:00.5Z"));
        return record;
    }

    @Test
    void aLineOfTextHasTimeLevelAndLogger() {
        assertThat(new LogFormat.Text(List.of()).line(record("queue is full")))
                .isEqualTo("2026-11-21T12:00:00.500Z WARNING dev.cairn.test: queue is full\n");
    }

    @Test
    void aClientCannotForgeALine() {
        String forged = "model x\n2026-11-21T12:00:00.500Z ERROR dev.cairn: all is lost\u001b[2J";

        assertThat(new LogFormat.Text(List.of()).line(record(forged)).lines()).hasSize(1);
        assertThat(new LogFormat.Json(List.of()).line(record(forged)).lines()).hasSize(1);
    }

    @Test
    void jsonIsOneObjectPerLine() {
        LogRecord record = record("it is \"quoted\" {0}");
        record.setParameters(new Object[] {7});
        record.setThrown(new IllegalStateException("broken"));

        JsonValue.JsonObject object =
                (JsonValue.JsonObject) JsonReader.read(new LogFormat.Json(List.of()).line(record));

        assertThat(object.member("level")).isEqualTo(JsonValue.of("warning"));
        assertThat(object.member("message")).isEqualTo(JsonValue.of("it is \"quoted\" 7"));
        assertThat(object.member("error").toString()).contains("IllegalStateException: broken");
    }

    @Test
    void secretsAreBlottedOutWhoeverLogsThem() {
        List<String> secrets = List.of("sk-12345678");
        LogRecord record = record("got key sk-12345678");
        record.setThrown(new IllegalStateException("bad key sk-12345678"));

        assertThat(new LogFormat.Text(secrets).line(record)).doesNotContain("sk-12345678");
        assertThat(new LogFormat.Json(secrets).line(record)).doesNotContain("sk-12345678");
    }
}
