package dev.cairn.distribution.bench.guess;

import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.GenerationRequest;
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

/** What is answered. */
enum Task {

    /**
     * A passage is written again and again: its tokens alone are allowed, and behind each only the
     * one that follows it there. So any model copies it, one with random weights too.
     */
    COPYING(1.5, 1, 16) {
        @Override
        List<List<Integer>> badWords() {
            List<List<Integer>> words = new ArrayList<>();
            for (int at = 0; at < tokens(); at++) {
                for (int next = 0; next < tokens(); next++) {
                    if (next != (at + 1) % tokens()) {
                        words.add(List.of(FIRST_ID + at, FIRST_ID + next));
                    }
                }
            }
            return words;
        }
    },

    /** Sampled from all tokens: hardly any three tokens stand there twice. */
    SAMPLED(0.97, 1, 0),

    /**
     * Sampled from so few tokens that the last three always stood there before, and what followed
     * them says nothing.
     */
    MISLEADING(0.97, 100, 8);

    private static final int FIRST_ID = 40;
    private static final int PROMPT = 64;

    private final double goal;
    private final float temperature;
    private final int tokens;

    Task(double goal, float temperature, int tokens) {
        this.goal = goal;
        this.temperature = temperature;
        this.tokens = tokens;
    }

    /** How many times as fast it is to be with guesses, of one stream alone. */
    double goal() {
        return goal;
    }

    /** How many tokens answers are made of; 0 = all. */
    int tokens() {
        return tokens;
    }

    /** Which token may not stand behind which. */
    List<List<Integer>> badWords() {
        return List.of();
    }

    GenerationRequest request(String id, int stream, int vocabulary, int length, long nanos) {
        int[] prompt =
                tokens == 0
                        ? new Random(stream).ints(PROMPT, 0, vocabulary).toArray()
                        : IntStream.range(0, PROMPT).map(i -> FIRST_ID + i % tokens).toArray();
        return new GenerationRequest(
                id,
                "bench",
                prompt,
                1,
                stream,
                new SamplingParameters(temperature, 1, 0, 0, 0, 0, 1, Map.of()),
                new StopConditions(length, 0, List.of(), List.of(), List.of(), false, true),
                IntStream.range(FIRST_ID, FIRST_ID + tokens).boxed().toList(),
                badWords(),
                Optional.empty(),
                Optional.empty(),
                -1,
                -1,
                "",
                "",
                0,
                OptionalLong.empty(),
                nanos,
                TraceContext.NONE,
                Continuation.NONE,
                Optional.empty());
    }
}
