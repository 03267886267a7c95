package dev.cairn.transport.node;

import dev.cairn.ports.request.AdapterChoice;
import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.Booked;
import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.Continuation.Begun;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.PrefillPlace;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.request.StopConditions;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;

/** Requests with every field set to something, or left out. */
final class RandomRequests {

    private static final int VOCABULARY = 200_000;

    private final Random random;

    RandomRequests(long seed) {
        this.random = new Random(seed);
    }

    /**
     * @param now on the scale of the request's times
     */
    GenerationRequest next(long now) {
        int choices = 1 + random.nextInt(4);
        StopConditions stop = stop();
        return new GenerationRequest(
                text(),
                text(),
                ids(1 + random.nextInt(50)),
                choices,
                random.nextLong(),
                sampling(),
                stop,
                idList(),
                perhapsList(this::idList),
                perhaps(() -> format(3)),
                perhaps(this::beams),
                random.nextInt(5) - 1,
                random.nextInt(5) - 1,
                random.nextBoolean() ? "" : text(),
                "",
                random.nextInt(7) - 3,
                random.nextBoolean()
                        ? OptionalLong.empty()
                        : OptionalLong.of(now + random.nextInt()),
                now - random.nextInt(1 << 30),
                random.nextBoolean() ? TraceContext.NONE : new TraceContext("00-" + text(), text()),
                continuation(choices, stop.maxTokens()),
                perhaps(() -> new PrefillPlace(text(), text())),
                random.nextBoolean()
                        ? AdapterChoice.NONE
                        : new AdapterChoice("a" + text(), Long.toHexString(random.nextLong())),
                random.nextBoolean()
                        ? Booked.NOTHING
                        : new Booked(
                                "r" + text(),
                                random.nextInt(1 << 20),
                                random.nextInt(1 << 20),
                                random.nextInt(1 << 20)));
    }

    private Continuation continuation(int choices, int maxTokens) {
        if (random.nextBoolean()) {
            return Continuation.NONE;
        }
        List<Begun> begun = new ArrayList<>();
        for (int choice = 0; choice < choices; choice++) {
            if (random.nextBoolean()) {
                int tokens = random.nextInt(Math.min(maxTokens, 40) + 1);
                begun.add(new Begun(choice, ids(tokens), random.nextBoolean()));
            }
        }
        return new Continuation(random.nextBoolean(), begun);
    }

    private SamplingParameters sampling() {
        Map<Integer, Float> biases = new HashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            biases.put(random.nextInt(VOCABULARY), random.nextFloat() * 200 - 100);
        }
        boolean penalises = random.nextBoolean();
        return new SamplingParameters(
                random.nextFloat() * 2,
                random.nextFloat(),
                random.nextInt(100),
                random.nextFloat(),
                penalises ? random.nextFloat() * 4 - 2 : 0,
                penalises ? random.nextFloat() * 4 - 2 : 0,
                penalises ? random.nextFloat() + 0.5f : 1,
                biases);
    }

    private StopConditions stop() {
        return new StopConditions(
                1 + random.nextInt(5000),
                random.nextInt(10),
                perhapsList(this::text),
                idList(),
                idList(),
                random.nextBoolean(),
                random.nextBoolean());
    }

    private BeamSearch beams() {
        return new BeamSearch(
                1 + random.nextInt(8), random.nextFloat() * 2 - 1, random.nextBoolean());
    }

    private OutputFormat format(int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 7)) {
            case 0 -> new OutputFormat.AnyText();
            case 1 -> new OutputFormat.Constant(text());
            case 2 ->
                    new OutputFormat.JsonSchema(
                            JsonReader.read(
                                    "{\"type\":\"object\",\"x\":[1,2.5e300,null,true,\"\\u00e9\"]}"));
            case 3 -> new OutputFormat.JsonObject();
            case 4 -> new OutputFormat.Regex(text());
            case 5 -> new OutputFormat.Choice(perhapsList(this::text));
            case 6 -> new OutputFormat.Ebnf(text());
            case 7 -> new OutputFormat.Sequence(perhapsList(() -> format(depth - 1)));
            case 8 -> new OutputFormat.OneOf(perhapsList(() -> format(depth - 1)));
            case 9 -> tag(depth);
            case 10 ->
                    new OutputFormat.TriggeredTags(
                            perhapsList(this::text),
                            perhapsList(() -> tag(depth)),
                            random.nextBoolean(),
                            random.nextBoolean());
            default ->
                    new OutputFormat.SeparatedTags(
                            perhapsList(() -> tag(depth)),
                            text(),
                            random.nextBoolean(),
                            random.nextBoolean());
        };
    }

    private OutputFormat.Tag tag(int depth) {
        return new OutputFormat.Tag(text(), format(depth - 1), text());
    }

    private int[] ids(int count) {
        return random.ints(count, 0, VOCABULARY).toArray();
    }

    private List<Integer> idList() {
        return perhapsList(() -> random.nextInt(VOCABULARY));
    }

    private String text() {
        var text = new StringBuilder();
        for (int i = random.nextInt(12); i >= 0; i--) {
            text.appendCodePoint(
                    random.nextInt(4) == 0
                            ? 0x1F300 + random.nextInt(99)
                            : 1 + random.nextInt(0x2FF));
        }
        return text.toString();
    }

    private <T> Optional<T> perhaps(Supplier<T> value) {
        return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
    }

    private <T> List<T> perhapsList(Supplier<T> value) {
        List<T> values = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            values.add(value.get());
        }
        return values;
    }
}
