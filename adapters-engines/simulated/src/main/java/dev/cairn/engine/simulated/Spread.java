package dev.cairn.engine.simulated;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;

/**
 * How much steps differ from their cost: other programs interrupt an engine, short steps by far
 * more than their own time and long ones by a little.
 *
 * @param upToNanos of cost: to which steps it applies, beyond those of the spread before it
 * @param ratios of measured time to cost, equally likely each
 */
public record Spread(double upToNanos, List<Double> ratios) {

    private static final int MOST_RATIOS = 1000;

    public Spread {
        ratios = List.copyOf(ratios);
        if (ratios.isEmpty() || ratios.size() > MOST_RATIOS) {
            throw new IllegalArgumentException(
                    "a spread has 1 to " + MOST_RATIOS + " ratios, not " + ratios.size());
        }
        for (double ratio : ratios) {
            if (!(ratio >= 0 && ratio < 1e9)) {
                throw new IllegalArgumentException("a ratio is a positive number, not " + ratio);
            }
        }
        if (!(upToNanos > 0)) {
            throw new IllegalArgumentException("a spread is for steps up to some nanoseconds");
        }
    }

    /**
     * @param bits uniformly random
     */
    double ratio(long bits) {
        return ratios.get((int) Long.remainderUnsigned(bits, ratios.size()));
    }

    JsonValue json() {
        return JsonObject.builder()
                .put("up_to_nanos", upToNanos)
                .put("ratios", JsonValue.array(ratios.stream().map(JsonValue::of).toList()))
                .build();
    }

    static Spread read(JsonValue value) {
        if (value instanceof JsonObject spread
                && spread.member("up_to_nanos") instanceof JsonNumber upTo
                && spread.member("ratios") instanceof JsonArray(var ratios)
                && ratios.stream().allMatch(JsonNumber.class::isInstance)) {
            return new Spread(
                    upTo.doubleValue(),
                    ratios.stream().map(ratio -> ((JsonNumber) ratio).doubleValue()).toList());
        }
        throw new IllegalArgumentException("a spread has \"up_to_nanos\" and \"ratios\"");
    }
}
