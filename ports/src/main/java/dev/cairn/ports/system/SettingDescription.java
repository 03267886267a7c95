package dev.cairn.ports.system;

import java.util.Optional;

/**
 * A configuration key that a part reads, so that {@code cairn config} lists it and a wrong value is
 * refused at start.
 *
 * @param key dashed, starts with {@code cairn.}: {@code "cairn.engine.cpu.threads"}
 * @param type how its text is read
 * @param defaultValue text as the user would write it; empty = unset
 * @param meaning one sentence for the user
 * @param secret whether the value must never be shown
 */
public record SettingDescription(
        String key, Type type, Optional<String> defaultValue, String meaning, boolean secret) {

    public SettingDescription {
        if (!key.startsWith("cairn.")) {
            throw new IllegalArgumentException(
                    "setting \"" + key + "\" must start with \"cairn.\"");
        }
    }

    /** How a value is written. */
    public enum Type {
        STRING,
        /** {@code true} or {@code false}. */
        BOOLEAN,
        INTEGER,
        DECIMAL,
        /** Bytes: {@code 4096}, {@code 12GiB}, {@code 512MiB}, {@code 8KiB}. */
        SIZE,
        /** {@code 250ms}, {@code 10s}, {@code 5m}, {@code 1h}. */
        DURATION,
        /** Comma-separated strings. */
        LIST
    }

    public static SettingDescription of(
            String key, Type type, String defaultValue, String meaning) {
        return new SettingDescription(key, type, Optional.of(defaultValue), meaning, false);
    }

    public static SettingDescription optional(String key, Type type, String meaning) {
        return new SettingDescription(key, type, Optional.empty(), meaning, false);
    }
}
