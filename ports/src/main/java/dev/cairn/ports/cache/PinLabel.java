package dev.cairn.ports.cache;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a pin is called, and for how long it holds. Pins of one name and tenant are one: its blocks
 * add up, and it lasts as long as was said last.
 *
 * @param name 1 to 64 letters, digits, dots, dashes and underscores
 * @param atMost from now, at least a second and at most a year; empty = until it is taken back
 */
public record PinLabel(String name, Optional<Duration> atMost) {

    public static final Duration LONGEST = Duration.ofDays(366);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /**
     * @throws IllegalArgumentException for another name or time
     */
    public PinLabel {
        Objects.requireNonNull(atMost);
        if (!isName(name)) {
            throw new IllegalArgumentException("no name of a pin");
        }
        if (atMost.isPresent()
                && (atMost.get().toSeconds() < 1 || atMost.get().compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException("a pin holds for a second at least, a year at most");
        }
    }

    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }
}
