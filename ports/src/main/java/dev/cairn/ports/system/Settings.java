package dev.cairn.ports.system;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Configuration as parts read it: the described default already applied, the text already checked.
 *
 * <p>Every getter throws {@link SettingException} for text that is not of the described type,
 * naming key and source, and {@link IllegalArgumentException} for a key that nobody described.
 * Threads: any; values do not change after start.
 */
public interface Settings {

    Optional<String> text(String key);

    Optional<Boolean> flag(String key);

    OptionalLong integer(String key);

    OptionalDouble decimal(String key);

    /** Bytes. */
    OptionalLong size(String key);

    Optional<Duration> duration(String key);

    /** Empty list where unset. */
    List<String> list(String key);

    /**
     * A value that cannot be used; the message names the key, where it came from, what is wrong and
     * what to write.
     */
    final class SettingException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public SettingException(String message) {
            super(message);
        }
    }
}
