package dev.cairn.core.schedule;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.request.StopConditions;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;

/** A request as a test wants it; what it does not say is greedy, without end, of 10 tokens. */
final class Ask {

    private final String id;
    private int[] prompt;
    private int choices = 1;
    private long seed;
    private SamplingParameters sampling = SamplingParameters.GREEDY;
    private int maxTokens = 10;
    private int minTokens;
    private List<String> stops = List.of();
    private List<Integer> stopIds = List.of();
    private List<Integer> endIds = List.of();
    private List<Integer> allowed = List.of();
    private List<List<Integer>> badWords = List.of();
    private Optional<OutputFormat> format = Optional.empty();
    private int topLogprobs = -1;
    private int promptLogprobs = -1;
    private Optional<BeamSearch> beams = Optional.empty();
    private String tenant = "";
    private String session = "";
    private int priority;
    private OptionalLong deadline = OptionalLong.empty();
    private long arrival;

    Ask session(String value) {
        session = value;
        return this;
    }

    Ask(String id, int... prompt) {
        this.id = id;
        this.prompt = prompt;
    }

    /** A prompt of so many tokens, by seed. */
    static int[] prompt(long seed, int length) {
        return new Random(seed).ints(length, ByteCodec.FIRST_BYTE, ByteCodec.FIRST_WORD).toArray();
    }

    /** Any request that fits {@code maxLength} tokens. */
    static Ask any(Random random, String id, int maxLength) {
        int length = 1 + random.nextInt(maxLength / 2);
        Ask ask = new Ask(id, prompt(random.nextLong(), length));
        ask.maxTokens = 1 + random.nextInt(maxLength - length);
        ask.choices = random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 1;
        ask.seed = random.nextLong();
        ask.priority = random.nextInt(3) - 1;
        if (random.nextBoolean()) {
            ask.sampling = anySampling(random);
        }
        ask.minTokens = random.nextInt(3) == 0 ? random.nextInt(ask.maxTokens + 1) : 0;
        ask.endIds = random.nextBoolean() ? List.of(ByteCodec.END) : List.of();
        ask.stopIds = random.nextInt(3) == 0 ? List.of(5, 6, 7, 200) : List.of();
        ask.stops = random.nextInt(3) == 0 ? List.of("e", "ab", "\uFFFD\uFFFD") : List.of();
        if (random.nextInt(4) == 0) {
            List<Integer> some = new ArrayList<>(IntStream.range(90, 110).boxed().toList());
            some.add(ByteCodec.END);
            ask.allowed = some;
            ask.badWords = List.of(List.of(91), List.of(92, 93));
        }
        if (random.nextInt(5) == 0) {
            ask.anyBeams(random);
        } else if (random.nextInt(3) == 0) {
            ask.format = Optional.of(Form.any(random).format());
        }
        ask.topLogprobs = random.nextInt(3) == 0 ? random.nextInt(4) : -1;
        ask.promptLogprobs = random.nextInt(4) == 0 ? random.nextInt(3) : -1;
        return ask;
    }

    private void anyBeams(Random random) {
        sampling = SamplingParameters.GREEDY;
        stops = List.of();
        allowed = List.of();
        badWords = List.of();
        beams(choices + random.nextInt(4), random.nextInt(4) - 1, random.nextBoolean());
    }

    private static SamplingParameters anySampling(Random random) {
        return new SamplingParameters(
                random.nextFloat() * 2,
                random.nextBoolean() ? 1 : 0.1f + 0.9f * random.nextFloat(),
                random.nextBoolean() ? 0 : 1 + random.nextInt(20),
                random.nextBoolean() ? 0 : random.nextFloat() / 2,
                random.nextBoolean() ? 0 : random.nextFloat(),
                random.nextBoolean() ? 0 : random.nextFloat(),
                random.nextBoolean() ? 1 : 0.5f + random.nextFloat(),
                random.nextBoolean() ? Map.of() : Map.of(95, 5f, 200, -5f));
    }

    Ask choices(int n) {
        choices = n;
        return this;
    }

    Ask seed(long value) {
        seed = value;
        return this;
    }

    Ask temperature(float value) {
        sampling = new SamplingParameters(value, 1, 0, 0, 0, 0, 1, Map.of());
        return this;
    }

    Ask sampling(SamplingParameters parameters) {
        sampling = parameters;
        return this;
    }

    Ask maxTokens(int tokens) {
        maxTokens = tokens;
        return this;
    }

    Ask minTokens(int tokens) {
        minTokens = tokens;
        return this;
    }

    Ask stop(String... strings) {
        stops = List.of(strings);
        return this;
    }

    Ask stopIds(Integer... ids) {
        stopIds = List.of(ids);
        return this;
    }

    Ask endIds(Integer... ids) {
        endIds = List.of(ids);
        return this;
    }

    Ask allowed(Integer... ids) {
        allowed = List.of(ids);
        return this;
    }

    Ask badWords(List<List<Integer>> words) {
        badWords = words;
        return this;
    }

    Ask format(OutputFormat wanted) {
        format = Optional.of(wanted);
        return this;
    }

    Ask logprobs(int top) {
        topLogprobs = top;
        return this;
    }

    Ask promptLogprobs(int top) {
        promptLogprobs = top;
        return this;
    }

    Ask beams(int width, float lengthPenalty, boolean earlyStopping) {
        beams = Optional.of(new BeamSearch(width, lengthPenalty, earlyStopping));
        return this;
    }

    Ask tenant(String digest) {
        tenant = digest;
        return this;
    }

    Ask priority(int value) {
        priority = value;
        return this;
    }

    Ask deadline(long nanos) {
        deadline = OptionalLong.of(nanos);
        return this;
    }

    Ask arrival(long nanos) {
        arrival = nanos;
        return this;
    }

    GenerationRequest request() {
        return new GenerationRequest(
                id,
                "toy",
                prompt,
                choices,
                seed,
                sampling,
                new StopConditions(maxTokens, minTokens, stops, stopIds, endIds, false, true),
                allowed,
                badWords,
                format,
                beams,
                topLogprobs,
                promptLogprobs,
                tenant,
                session,
                priority,
                deadline,
                arrival,
                TraceContext.NONE,
                Continuation.NONE,
                Optional.empty());
    }
}
