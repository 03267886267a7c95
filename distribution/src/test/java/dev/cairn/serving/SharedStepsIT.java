package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.schedule.StepRecord;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.TokenReport;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The property that tests everything: what a request is answered does not depend on who else is
 * served.
 */
class SharedStepsIT {

    private static final int REQUESTS = 32;
    private static final long SEED = Long.getLong("cairn.test.seed", 20_261_121);

    @ParameterizedTest
    @ValueSource(
            strings = {"llama3-rope-llama3", "gemma3-local-global", "mixtral-moe", "gguf-q4_0"})
    void thirtyTwoMixedRequestsGetWhatEachGetsAlone(String name) throws URISyntaxException {
        Path folder = Path.of(SharedStepsIT.class.getResource("/oracles/" + name).toURI());
        Path model = name.startsWith("gguf") ? folder.resolve("model.gguf") : folder;
        System.out.println("seed " + SEED);
        try (LocalCairn cairn = LocalCairn.open(model, LocalCairn.usual(512, 64L << 20))) {
            int vocabulary = cairn.runner().description().vocabularySize();
            List<Supplier<GenerationCall>> calls = mixed(new Random(SEED), vocabulary);
            List<Collected> alone = new ArrayList<>();
            for (Supplier<GenerationCall> call : calls) {
                alone.add(Collected.start(cairn.inference(), call.get()).join());
            }
            int before = cairn.steps().steps().size();
            List<CompletableFuture<Collected>> together =
                    calls.stream()
                            .map(call -> Collected.start(cairn.inference(), call.get()))
                            .toList();
            for (int i = 0; i < REQUESTS; i++) {
                Collected answer = together.get(i).join();
                assertThat(answer.ids()).as("request %d", i).isEqualTo(alone.get(i).ids());
                assertThat(answer.tokens().stream().map(TokenReport::logprob))
                        .as("log-probabilities of request %d, bit for bit", i)
                        .containsExactlyElementsOf(
                                alone.get(i).tokens().stream().map(TokenReport::logprob).toList());
                assertThat(answer.text()).isEqualTo(alone.get(i).text());
            }
            List<StepRecord> shared =
                    cairn.steps().steps().subList(before, cairn.steps().steps().size());
            assertThat(shared.stream().mapToInt(StepRecord::sequences).max().orElse(0))
                    .as("requests that shared a step")
                    .isGreaterThanOrEqualTo(16);
            assertThat(shared)
                    .as("prompts and answers mixed in one step")
                    .anyMatch(step -> step.prefillTokens() > 0 && step.decodeTokens() > 0);
        }
    }

    /** Short and long prompts, greedy and sampled, with and without scored prompts. */
    private static List<Supplier<GenerationCall>> mixed(Random random, int vocabulary) {
        List<Supplier<GenerationCall>> calls = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            int[] prompt =
                    random.ints(1 + random.nextInt(i % 5 == 0 ? 300 : 40), 0, vocabulary).toArray();
            int tokens = 24 + random.nextInt(24);
            long seed = random.nextLong();
            double temperature = 0.5 + random.nextDouble();
            boolean greedy = i % 2 == 0;
            calls.add(
                    () ->
                            greedy
                                    ? Calls.greedy(prompt, tokens)
                                    : Calls.sampled(prompt, tokens, temperature, seed));
        }
        return calls;
    }
}
