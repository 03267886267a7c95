package dev.cairn.core.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.system.JsonReader;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskSourceTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"object\"}",
                "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":40},\"maxItems\":60,\"minItems\":45}",
                "{\"type\":\"string\",\"pattern\":\"^(ab?){3,90}c{40}$\"}",
                "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":50},\"id\":{\"type\":\"integer\",\"minimum\":-5,\"maximum\":1234}},\"additionalProperties\":{\"type\":\"null\"}}"
            })
    void aMaskIsWhatTryingEveryTokenGives(String schema) {
        long seed = System.nanoTime();
        System.out.println("aMaskIsWhatTryingEveryTokenGives: seed " + seed);
        var random = new SplittableRandom(seed);
        Grammar grammar = GrammarText.jsonSchema("schema", JsonReader.read(schema));
        var source = new MaskSource(grammar, Walk.TRIE);
        for (int walk = 0; walk < 5; walk++) {
            Constraint constraint = source.begin();
            for (int i = 0; i < 150 && !constraint.isExhausted(); i++) {
                List<Integer> allowed = Walk.allowed(constraint.mask());
                assertThat(allowed).as("seed %d", seed).isEqualTo(bruteForce(constraint));
                int token = allowed.get(random.nextInt(allowed.size()));
                if (token == ByteCodec.END) {
                    break;
                }
                constraint.accept(token);
            }
        }
    }

    private static List<Integer> bruteForce(Constraint constraint) {
        List<Integer> allowed = new ArrayList<>();
        for (int id = 0; id < Walk.TRIE.vocabulary(); id++) {
            if (constraint.copy().accept(id)) {
                allowed.add(id);
            }
        }
        return allowed;
    }
}
