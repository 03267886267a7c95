package dev.cairn.distribution.bench.guess;

import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.guess.GuessedStreams.Answers;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.GenerationRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Tokens per second with guesses by those without, of the same answers of the same engine in turns:
 * {@link Task}s that repeat a text and that cannot be guessed, for several numbers of streams.
 *
 * <p>Threads: one.
 */
public final class SpeculationBenchmark {

    private static final List<Integer> STREAMS = List.of(1, 8, 32);

    private final ModelRunner runner;
    private final TextCodec codec;
    private final SpeculationSettings speculation;
    private final int runs;
    private final int length;
    private final Predicate<String> wanted;
    private int asked;

    /**
     * @param runs measurements of every case; one more comes before them and does not count
     * @param length of every answer, in tokens
     * @param wanted cases by name, for example {@code copying-1}
     */
    public SpeculationBenchmark(
            ModelRunner runner,
            TextCodec codec,
            SpeculationSettings speculation,
            int runs,
            int length,
            Predicate<String> wanted) {
        this.runner = runner;
        this.codec = codec;
        this.speculation = speculation;
        this.runs = runs;
        this.length = length;
        this.wanted = wanted;
    }

    /**
     * Every task with every number of streams.
     *
     * @throws IllegalStateException if an answer differs with guesses
     */
    public List<Result> run() {
        List<Result> results = new ArrayList<>();
        for (Task task : Task.values()) {
            for (int count : STREAMS) {
                String name = task.name().toLowerCase(Locale.ROOT) + "-" + count;
                if (wanted.test(name) && count <= runner.description().maxSequencesPerStep()) {
                    measure(task, name, count, results);
                }
            }
        }
        return results;
    }

    private void measure(Task task, String name, int streams, List<Result> results) {
        List<Double> ratios = new ArrayList<>();
        List<Double> plain = new ArrayList<>();
        List<Double> guessed = new ArrayList<>();
        List<Double> perStep = new ArrayList<>();
        for (int run = -1; run < runs; run++) {
            Answers without = answers(task, streams, SpeculationSettings.OFF);
            Answers with = answers(task, streams, speculation);
            if (!with.tokens().equals(without.tokens())) {
                throw new IllegalStateException("an answer differs with guesses");
            }
            if (run >= 0) {
                plain.add(without.tokensPerSecond());
                guessed.add(with.tokensPerSecond());
                ratios.add(with.tokensPerSecond() / without.tokensPerSecond());
                perStep.add((double) without.steps() / with.steps());
            }
        }
        results.add(new Result(name + " off", "tokens/s", plain));
        results.add(new Result(name + " on", "tokens/s", guessed));
        results.add(new Result(name + " steps saved", "x", perStep));
        Result ratio = new Result(name + " ratio", "x", ratios);
        boolean holds = ratio.value() >= task.goal();
        results.add(
                streams == 1
                        ? Result.judged(name + " ratio", "x", ratios, ">= " + task.goal(), holds)
                        : ratio);
    }

    private Answers answers(Task task, int streams, SpeculationSettings settings) {
        try (GuessedStreams served = new GuessedStreams(runner, codec, settings)) {
            List<GenerationRequest> requests = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                requests.add(
                        task.request(
                                "guess-" + asked++,
                                i,
                                runner.description().vocabularySize(),
                                length,
                                SystemClock.INSTANCE.nanos()));
            }
            return served.answer(requests);
        }
    }
}
