package dev.cairn.distribution.fleet;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/** A router's decisions on one request, as lines for people. */
public final class StoryText {

    private StoryText() {}

    /**
     * @param story as {@code /v1/cairn/explain} tells it
     */
    public static List<String> lines(JsonObject story) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "%s: %s, %s tokens of prompt%s"
                        .formatted(
                                text(story, "request"),
                                text(story, "outcome"),
                                text(story, "prompt_tokens"),
                                after(story, "total_ms", ", over after ")));
        for (JsonValue each : list(story, "waits")) {
            var wait = (JsonObject) each;
            lines.add(
                    "waited%s, behind %s prompt tokens of others: %s"
                            .formatted(
                                    after(wait, "ms", " "),
                                    text(wait, "prompt_tokens_before"),
                                    text(wait, "for")));
        }
        int number = 0;
        for (JsonValue each : list(story, "attempts")) {
            var attempt = (JsonObject) each;
            lines.add(
                    "%d. %s: %s; sent after %s ms%s; %s tokens to compute were expected%s"
                            .formatted(
                                    ++number,
                                    text(attempt, "worker"),
                                    text(attempt, "outcome"),
                                    text(attempt, "sent_after_ms"),
                                    after(attempt, "read_after_ms", ", prompt read after "),
                                    text(attempt, "predicted_uncached_tokens"),
                                    actual(attempt)));
            compared(attempt, lines);
            decision(attempt, "decision", "answered by", lines);
            decision(attempt, "prefill_decision", "prompt read by", lines);
        }
        return lines;
    }

    private static String actual(JsonObject attempt) {
        String actual = text(attempt, "actual_uncached_tokens");
        return actual.isEmpty() ? "" : ", there were " + actual;
    }

    /** What was expected beside what came; empty where it is not known. */
    private static void compared(JsonObject attempt, List<String> lines) {
        if (attempt.member("predicted") instanceof JsonObject predicted
                && attempt.member("actual") instanceof JsonObject actual) {
            lines.add("   predicted: " + figures(predicted));
            lines.add("   actual:    " + figures(actual));
        }
    }

    private static String figures(JsonObject figures) {
        List<String> known = new ArrayList<>();
        add(known, "cost %s", text(figures, "cost"));
        add(known, "%s tokens cached", text(figures, "cached_tokens"));
        add(known, "prompt read in %s ms", text(figures, "read_ms"));
        add(known, "first token after %s ms", text(figures, "first_token_ms"));
        return known.isEmpty() ? "not known yet" : String.join(", ", known);
    }

    private static void add(List<String> known, String words, String figure) {
        if (!figure.isEmpty()) {
            known.add(words.formatted(figure));
        }
    }

    private static String elsewhere(JsonObject candidate) {
        String booked = text(candidate, "booked_by_other_routers");
        return booked.isEmpty() ? "" : ", " + booked + " of them other routers'";
    }

    private static String after(JsonObject object, String name, String words) {
        String millis = text(object, name);
        return millis.isEmpty() ? "" : words + millis + " ms";
    }

    private static void decision(JsonObject attempt, String name, String what, List<String> lines) {
        if (!(attempt.member(name) instanceof JsonObject decision)) {
            return;
        }
        lines.add(
                "   %s %s by %s: %s"
                        .formatted(
                                what,
                                text(decision, "worker"),
                                text(decision, "policy"),
                                text(decision, "reason")));
        for (JsonValue each : list(decision, "candidates")) {
            var candidate = (JsonObject) each;
            lines.add(
                    "     %s  cost %s, prefix blocks %s, %s running, %s waiting, %s prompt tokens%s"
                            .formatted(
                                    text(candidate, "worker"),
                                    text(candidate, "cost"),
                                    JsonWriter.write(candidate.member("overlap_blocks")),
                                    text(candidate, "running"),
                                    text(candidate, "waiting"),
                                    text(candidate, "waiting_prefill_tokens"),
                                    elsewhere(candidate)));
        }
    }

    private static List<JsonValue> list(JsonObject object, String name) {
        return object.member(name) instanceof JsonArray(var values) ? values : List.of();
    }

    private static String text(JsonObject object, String name) {
        return switch (object.member(name)) {
            case JsonString(String text) -> text;
            case JsonNumber number -> plain(number);
            case null, default -> "";
        };
    }

    private static String plain(JsonNumber number) {
        double value = number.doubleValue();
        return value == Math.rint(value) ? Long.toString((long) value) : "%.2f".formatted(value);
    }
}
