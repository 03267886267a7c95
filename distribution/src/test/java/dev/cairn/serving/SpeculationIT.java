package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.TokenReport;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real models on the CPU engine say the same, bit for bit, whether they are guessed or not. */
class SpeculationIT {

    private static final int REQUESTS = 24;
    private static final int TOKENS = 48;
    private static final long SEED = Long.getLong("cairn.test.seed", 20_261_122);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama3-rope-llama3",
                "gemma3-local-global",
                "mixtral-moe",
                "gguf-q4_0",
                "pebble"
            })
    void guessedAnswersAreTheSame(String name) throws URISyntaxException {
        System.out.println("seed " + SEED);
        var options = LocalCairn.usual(512, 64L << 20);
        Path model = model(name);
        List<Supplier<GenerationCall>> calls;
        List<Collected> expected = new ArrayList<>();
        int plainSteps;
        try (LocalCairn cairn = LocalCairn.guessing(model, options, SpeculationSettings.OFF)) {
            calls = repetitive(new Random(SEED), cairn.runner().description().vocabularySize());
            for (Supplier<GenerationCall> call : calls) {
                expected.add(Collected.start(cairn.inference(), call.get()).join());
            }
            plainSteps = cairn.steps().steps().size();
        }
        try (LocalCairn cairn =
                LocalCairn.guessing(model, options, SpeculationSettings.ngram(1, 8, 6))) {
            for (int i = 0; i < REQUESTS; i++) {
                same(Collected.start(cairn.inference(), calls.get(i).get()), expected.get(i), i);
            }
            assertThat(cairn.steps().steps().size())
                    .as("steps of answers one after the other")
                    .isLessThan(plainSteps);
            List<CompletableFuture<Collected>> together =
                    calls.stream()
                            .map(call -> Collected.start(cairn.inference(), call.get()))
                            .toList();
            for (int i = 0; i < REQUESTS; i++) {
                same(together.get(i), expected.get(i), i);
            }
        }
    }

    /** The model guesses for itself, and another, coarser copy of it does. */
    @ParameterizedTest
    @ValueSource(strings = {"llama3-rope-llama3", "gemma3-local-global", "pebble"})
    void answersThatADraftModelGuessesAreTheSame(String name) throws URISyntaxException {
        System.out.println("seed " + SEED);
        var options = LocalCairn.usual(512, 64L << 20);
        Path model = model(name);
        List<Supplier<GenerationCall>> calls;
        List<Collected> expected = new ArrayList<>();
        int plainSteps;
        try (LocalCairn cairn = LocalCairn.guessing(model, options, SpeculationSettings.OFF)) {
            calls = repetitive(new Random(SEED), cairn.runner().description().vocabularySize());
            for (Supplier<GenerationCall> call : calls) {
                expected.add(Collected.start(cairn.inference(), call.get()).join());
            }
            plainSteps = cairn.steps().steps().size();
        }
        for (WeightType type : new WeightType[] {WeightType.FLOAT32, WeightType.Q4_0}) {
            RunnerOptions small = LocalCairn.drafting(type, 512, 4L << 20);
            try (LocalCairn draft = LocalCairn.open(model, small);
                    LocalCairn cairn =
                            LocalCairn.guessing(
                                    model, options, SpeculationSettings.draft(draft.runner(), 4))) {
                List<CompletableFuture<Collected>> together =
                        calls.stream()
                                .map(call -> Collected.start(cairn.inference(), call.get()))
                                .toList();
                for (int i = 0; i < REQUESTS; i++) {
                    same(together.get(i), expected.get(i), i);
                }
                for (int i = 0; i < REQUESTS; i++) {
                    same(
                            Collected.start(cairn.inference(), calls.get(i).get()),
                            expected.get(i),
                            i);
                }
                System.out.printf(
                        "%s by %s: %d steps, without %d%n",
                        name, type, cairn.steps().steps().size(), plainSteps);
            }
        }
    }

    private static Path model(String name) throws URISyntaxException {
        if (name.equals("pebble")) {
            return BundledModel.model();
        }
        Path folder = Path.of(SpeculationIT.class.getResource("/oracles/" + name).toURI());
        return name.startsWith("gguf") ? folder.resolve("model.gguf") : folder;
    }

    private static void same(CompletableFuture<Collected> guessed, Collected expected, int number) {
        Collected answer = guessed.join();
        assertThat(answer.ids()).as("request %d", number).isEqualTo(expected.ids());
        assertThat(answer.tokens().stream().map(TokenReport::logprob))
                .as("log-probabilities of request %d, bit for bit", number)
                .containsExactlyElementsOf(
                        expected.tokens().stream().map(TokenReport::logprob).toList());
        assertThat(answer.text()).isEqualTo(expected.text());
    }

    /** Prompts that repeat a few tokens, greedy and sampled coldly. */
    private static List<Supplier<GenerationCall>> repetitive(Random random, int vocabulary) {
        List<Supplier<GenerationCall>> calls = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            int[] passage = random.ints(1 + random.nextInt(8), 0, vocabulary).toArray();
            int[] prompt = new int[20 + random.nextInt(60)];
            Arrays.setAll(prompt, at -> passage[at % passage.length]);
            long seed = random.nextLong();
            boolean greedy = i % 2 == 0;
            calls.add(
                    () ->
                            greedy
                                    ? Calls.greedy(prompt, TOKENS)
                                    : Calls.sampled(prompt, TOKENS, 0.3, seed));
        }
        return calls;
    }
}
