package dev.cairn.serving;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * On the stand-in for a device the CUDA engine's tokens and log-probabilities are those of Hugging
 * Face transformers; nightly for every family that is copied here.
 */
class CudaOracleIT {

    static Stream<String> families() {
        List<String> always = List.of("qwen3-qknorm", "gguf-q4_0");
        List<String> rest =
                List.of(
                        "llama3-rope-llama3",
                        "llama-rope-linear",
                        "qwen2-bias",
                        "gemma3-local-global",
                        "mixtral-moe");
        boolean nightly = System.getProperty("cairn.test.size", "short").equals("nightly");
        return Stream.concat(always.stream(), nightly ? rest.stream() : Stream.empty());
    }

    @ParameterizedTest
    @MethodSource("families")
    void answersAreThoseOfTransformers(String name) throws Exception {
        Oracle oracle = Oracle.read(name);
        LocalCairn.Engine engine = new LocalCairn.Engine("cuda", CudaStandIn.settings());
        try (LocalCairn cairn =
                LocalCairn.open(oracle.model(), LocalCairn.exact(512, 96), engine)) {
            oracle.compare(cairn);
        }
    }
}
