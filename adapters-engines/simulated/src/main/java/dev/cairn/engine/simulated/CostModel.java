package dev.cairn.engine.simulated;

import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How long a step takes, in nanoseconds: a curve over its tokens, linear between its points and
 * beyond the last, and linear terms for rows of logits and for what attention reads.
 *
 * <p>A curve, because an engine reads its weights once for all tokens of a step: few tokens cost
 * nearly what one costs, many cost in proportion.
 *
 * @param subject what it is the cost of, for people
 * @param points of the curve, by tokens ascending; at least one
 * @param rowNanos of a row of logits, sampling included
 * @param prefillPairNanos of a token of a chunk and a token that it attends to
 * @param decodePairNanos of a decoded token and a token that it attends to
 * @param spreads by cost ascending; none = every step takes exactly its cost
 */
public record CostModel(
        String subject,
        List<Point> points,
        double rowNanos,
        double prefillPairNanos,
        double decodePairNanos,
        List<Spread> spreads)
        implements StepTimes {

    private static final int MOST_POINTS = 1000;

    public CostModel {
        points = List.copyOf(points);
        spreads = List.copyOf(spreads);
        if (points.isEmpty() || points.size() > MOST_POINTS) {
            throw new IllegalArgumentException(
                    "a cost model has 1 to " + MOST_POINTS + " points, not " + points.size());
        }
        for (int i = 0; i < points.size(); i++) {
            Point point = points.get(i);
            checkCost(point.nanos());
            if (point.tokens() < 1 || (i > 0 && point.tokens() <= points.get(i - 1).tokens())) {
                throw new IllegalArgumentException(
                        "points go by tokens from 1, ascending; " + point.tokens() + " does not");
            }
        }
        checkCost(rowNanos);
        checkCost(prefillPairNanos);
        checkCost(decodePairNanos);
    }

    /** A model whose steps take exactly their cost. */
    public CostModel(
            String subject,
            List<Point> points,
            double rowNanos,
            double prefillPairNanos,
            double decodePairNanos) {
        this(subject, points, rowNanos, prefillPairNanos, decodePairNanos, List.of());
    }

    /** The same costs with steps that differ from them. */
    CostModel with(List<Spread> differing) {
        return new CostModel(
                subject, points, rowNanos, prefillPairNanos, decodePairNanos, differing);
    }

    /**
     * @param tokens in a step
     * @param nanos that they take
     */
    public record Point(int tokens, double nanos) {}

    private static void checkCost(double nanos) {
        if (!(nanos >= 0 && nanos < 1e15)) {
            throw new IllegalArgumentException("a cost is a number of nanoseconds, not " + nanos);
        }
    }

    /** The published cost of a pair like {@code llama-3.1-8b@h200}, if both names are known. */
    public static Optional<CostModel> named(String pair) {
        return Roofline.named(pair);
    }

    /** The same engine, so many times slower. */
    public CostModel slower(double times) {
        return new CostModel(
                subject,
                points.stream()
                        .map(point -> new Point(point.tokens(), point.nanos() * times))
                        .toList(),
                rowNanos * times,
                prefillPairNanos * times,
                decodePairNanos * times,
                spreads.stream()
                        .map(spread -> new Spread(spread.upToNanos() * times, spread.ratios()))
                        .toList());
    }

    /** A step that costs the same for every token, and so much besides. */
    public static CostModel affine(String subject, double stepNanos, double tokenNanos) {
        return new CostModel(
                subject,
                List.of(
                        new Point(1, stepNanos + tokenNanos),
                        new Point(1001, stepNanos + 1001 * tokenNanos)),
                0,
                0,
                0);
    }

    @Override
    public double nanos(StepWork work, long bits) {
        double cost = nanos(work);
        for (int i = 0; i < spreads.size(); i++) {
            if (cost <= spreads.get(i).upToNanos() || i == spreads.size() - 1) {
                return cost * spreads.get(i).ratio(bits);
            }
        }
        return cost;
    }

    /** Nanoseconds that a step costs. */
    public double nanos(StepWork work) {
        return curve(work.tokens())
                + rowNanos * work.rows()
                + prefillPairNanos * work.prefillPairs()
                + decodePairNanos * work.decodePairs();
    }

    private double curve(int tokens) {
        int above = 0;
        while (above < points.size() - 1 && points.get(above).tokens() < tokens) {
            above++;
        }
        if (above == 0) {
            return points.getFirst().nanos();
        }
        Point from = points.get(above - 1);
        Point to = points.get(above);
        double slope = (to.nanos() - from.nanos()) / (to.tokens() - from.tokens());
        return Math.max(0, from.nanos() + slope * (tokens - from.tokens()));
    }

    /** The form of calibration files. */
    public JsonValue json() {
        List<JsonValue> curve = new ArrayList<>();
        for (Point point : points) {
            curve.add(
                    JsonObject.builder()
                            .put("tokens", point.tokens())
                            .put("nanos", point.nanos())
                            .build());
        }
        return JsonObject.builder()
                .put("cost_model", 1)
                .put("subject", subject)
                .put("points", JsonValue.array(curve))
                .put("row_nanos", rowNanos)
                .put("prefill_pair_nanos", prefillPairNanos)
                .put("decode_pair_nanos", decodePairNanos)
                .put("spreads", JsonValue.array(spreads.stream().map(Spread::json).toList()))
                .build();
    }

    /**
     * Reads what {@link #json} wrote.
     *
     * @throws IllegalArgumentException saying what is wrong with the text
     */
    public static CostModel read(String text) {
        try {
            if (!(JsonReader.read(text) instanceof JsonObject file)
                    || number(file, "cost_model") != 1) {
                throw new IllegalArgumentException("it is no cost model of version 1");
            }
            if (!(file.member("points") instanceof JsonArray curve)) {
                throw new IllegalArgumentException("\"points\" is missing");
            }
            List<Point> points = new ArrayList<>();
            for (JsonValue value : curve.values()) {
                if (!(value instanceof JsonObject point)) {
                    throw new IllegalArgumentException("a point is an object");
                }
                points.add(new Point((int) number(point, "tokens"), number(point, "nanos")));
            }
            String subject = file.member("subject") instanceof JsonString(var said) ? said : "";
            return new CostModel(
                    subject,
                    points,
                    number(file, "row_nanos"),
                    number(file, "prefill_pair_nanos"),
                    number(file, "decode_pair_nanos"),
                    file.member("spreads") instanceof JsonArray(var spreads)
                            ? spreads.stream().map(Spread::read).toList()
                            : List.of());
        } catch (JsonException broken) {
            throw new IllegalArgumentException(broken.getMessage(), broken);
        }
    }

    private static double number(JsonObject object, String name) {
        if (Objects.requireNonNull(object).member(name) instanceof JsonNumber number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException("\"" + name + "\" is missing or no number");
    }
}
