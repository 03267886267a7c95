package dev.cairn.distribution.bench.load;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * Latencies that every good request keeps. Immutable.
 *
 * @param limitMillis by what is limited; empty = no objective
 */
public record Slo(Map<Limited, Double> limitMillis) {

    /** What can be limited; the names are those of vLLM's {@code --goodput}. */
    public enum Limited {
        TTFT,
        TPOT,
        E2EL;

        private OptionalDouble of(RequestRecord record) {
            return switch (this) {
                case TTFT -> record.firstTokenMillis();
                case TPOT -> record.perTokenMillis();
                case E2EL -> OptionalDouble.of(record.endToEndMillis());
            };
        }
    }

    public Slo {
        limitMillis = Map.copyOf(limitMillis);
    }

    /**
     * Reads {@code ttft:500,tpot:50}.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    public static Slo read(String text) {
        Map<Limited, Double> limits = new EnumMap<>(Limited.class);
        for (String part : text.split(",", -1)) {
            String[] sides = part.strip().split(":", -1);
            try {
                double millis = Double.parseDouble(sides[1]);
                Limited limited = Limited.valueOf(sides[0].toUpperCase(Locale.ROOT));
                if (sides.length == 2 && millis > 0 && limits.put(limited, millis) == null) {
                    continue;
                }
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException wrong) {
                // Said below.
            }
            throw new IllegalArgumentException(
                    "\"%s\" is no objective; write milliseconds as in ttft:500,tpot:50,e2el:9000"
                            .formatted(part));
        }
        return new Slo(limits);
    }

    public static Slo none() {
        return new Slo(Map.of());
    }

    public boolean isGiven() {
        return !limitMillis.isEmpty();
    }

    /** Whether a request was answered in time; an answer of one token has no time per token. */
    boolean keptBy(RequestRecord record) {
        return record.answer().answered()
                && limitMillis.entrySet().stream()
                        .allMatch(limit -> limit.getKey().of(record).orElse(0) <= limit.getValue());
    }

    public String text() {
        return new EnumMap<>(limitMillis)
                .entrySet().stream()
                        .map(
                                limit ->
                                        "%s %s ms"
                                                .formatted(
                                                        limit.getKey()
                                                                .name()
                                                                .toLowerCase(Locale.ROOT),
                                                        limit.getValue()))
                        .collect(Collectors.joining(", "));
    }
}
