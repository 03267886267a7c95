package dev.cairn.distribution.telemetry;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.text.MessageFormat;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * How a log record becomes a line. A client's text cannot start a line of its own: control
 * characters are escaped; and configured secrets are blotted out, whoever logged them.
 */
sealed interface LogFormat {

    /** The line, its line feed included. */
    String line(LogRecord record);

    /** {@code 2026-11-21T12:00:00.000Z INFO dev.cairn.core.request: text}. */
    record Text(List<String> secrets) implements LogFormat {

        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
                        .withZone(ZoneOffset.UTC);

        @Override
        public String line(LogRecord record) {
            StringBuilder line = new StringBuilder(160);
            TIME.formatTo(record.getInstant(), line);
            line.append(' ').append(levelName(record.getLevel()).toUpperCase(Locale.ROOT));
            line.append(' ').append(record.getLoggerName()).append(": ");
            escapeInto(line, message(record));
            line.append('\n');
            if (record.getThrown() != null) {
                line.append(stackTrace(record.getThrown()));
            }
            return blot(line.toString(), secrets);
        }

        private static void escapeInto(StringBuilder line, String message) {
            for (int i = 0; i < message.length(); i++) {
                char c = message.charAt(i);
                if (c == '\n') {
                    line.append("\\n");
                } else if (c != '\t' && Character.isISOControl(c)) {
                    line.append("\\u%04x".formatted((int) c));
                } else {
                    line.append(c);
                }
            }
        }
    }

    /** One object per line, for collectors. */
    record Json(List<String> secrets) implements LogFormat {

        @Override
        public String line(LogRecord record) {
            JsonValue.Builder object =
                    JsonValue.JsonObject.builder()
                            .put("time", record.getInstant().toString())
                            .put("level", levelName(record.getLevel()))
                            .put("logger", record.getLoggerName())
                            .put("message", blot(message(record), secrets));
            if (record.getThrown() != null) {
                object.put("error", blot(stackTrace(record.getThrown()), secrets));
            }
            return JsonWriter.write(object.build()) + "\n";
        }
    }

    private static String message(LogRecord record) {
        Object[] parameters = record.getParameters();
        String message = String.valueOf(record.getMessage());
        if (parameters == null || parameters.length == 0) {
            return message;
        }
        try {
            return MessageFormat.format(message, parameters);
        } catch (IllegalArgumentException noPattern) {
            return message;
        }
    }

    private static String levelName(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "error";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "warning";
        }
        if (level.intValue() >= Level.INFO.intValue()) {
            return "info";
        }
        return level.intValue() >= Level.FINE.intValue() ? "debug" : "trace";
    }

    private static String stackTrace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    private static String blot(String text, List<String> secrets) {
        String clean = text;
        for (String secret : secrets) {
            // A secret of a letter or two would blot out every word.
            if (secret.length() >= 6) {
                clean = clean.replace(secret, "(hidden)");
            }
        }
        return clean;
    }
}
