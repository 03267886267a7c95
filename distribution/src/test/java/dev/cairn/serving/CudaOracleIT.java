package dev.cairn.serving;

import dev.cairn.ports.engine.RunnerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * On the stand-in for a device the CUDA engine's tokens and log-probabilities are those of Hugging
 * Face transformers: two families always, nightly every one that is copied here and every folder in
 * {@code -Dcairn.test.oracles=FOLDER}, GGUF files with their weights as stored, too.
 */
class CudaOracleIT {

    private static final int MOST_TOKENS = 512;
    private static final int STEP_TOKENS = 96;

    static Stream<Arguments> models() throws Exception {
        List<String> names = new ArrayList<>(List.of("qwen3-qknorm", "gguf-q4_0"));
        List<Arguments> models = new ArrayList<>();
        if (System.getProperty("cairn.test.size", "short").equals("nightly")) {
            names.addAll(
                    List.of(
                            "llama3-rope-llama3",
                            "llama-rope-linear",
                            "qwen2-bias",
                            "gemma3-local-global",
                            "mixtral-moe"));
            for (Path folder : further()) {
                add(models, folder.getFileName().toString(), Oracle.read(folder));
            }
        }
        for (String name : names) {
            add(models, name, Oracle.read(name));
        }
        return models.stream();
    }

    /** Folders with oracles that are not copied here. */
    private static List<Path> further() throws IOException {
        String folder = System.getProperty("cairn.test.oracles", "");
        if (folder.isEmpty()) {
            return List.of();
        }
        String only = System.getProperty("cairn.test.oracles.only", "");
        try (Stream<Path> all = Files.list(Path.of(folder))) {
            return all.filter(each -> Files.exists(each.resolve("oracle.json")))
                    .filter(
                            each ->
                                    only.isEmpty()
                                            || Arrays.asList(only.split(","))
                                                    .contains(each.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }

    private static void add(List<Arguments> models, String name, Oracle oracle) {
        RunnerOptions exact = LocalCairn.exact(MOST_TOKENS, STEP_TOKENS);
        models.add(Arguments.of(name, oracle, exact));
        if (name.startsWith("gguf-q")) {
            RunnerOptions stored =
                    new RunnerOptions(
                            Optional.empty(),
                            exact.kvType(),
                            exact.blockTokens(),
                            exact.cacheBytes(),
                            MOST_TOKENS,
                            STEP_TOKENS,
                            exact.maxSequencesPerStep());
            models.add(Arguments.of(name + " as stored", oracle, stored));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void answersAreThoseOfTransformers(String name, Oracle oracle, RunnerOptions options)
            throws Exception {
        LocalCairn.Engine engine = new LocalCairn.Engine("cuda", CudaStandIn.settings());
        try (LocalCairn cairn = LocalCairn.open(oracle.model(), options, engine)) {
            oracle.compare(cairn);
        }
        System.out.println(name + ": " + oracle.cases().size() + " cases as the reference");
    }
}
