package dev.cairn.distribution.wiring;

import java.util.Locale;

/** Bytes as people read them, in the units in which settings are written. */
public final class ByteText {

    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};

    private ByteText() {}

    /** {@code 512 B}, {@code 3.8 MiB}, {@code 12 GiB}. */
    public static String of(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        String number = String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
        return number.replaceFirst("\\.0$", "") + " " + UNITS[unit];
    }
}
