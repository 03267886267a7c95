package dev.cairn.engine.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.models.dummy.DummyShape;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DummyFormatTest {

    private static byte[] row(ModelArtifact model, WeightRole role, int layer, int row) {
        return model.weights().matrix(role, layer).row(row).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void seedsDecideTheWeights() {
        DummyFormat format = new DummyFormat();
        try (ModelArtifact first = format.open("dummy:tiny:7");
                ModelArtifact same = format.open("dummy:tiny:7");
                ModelArtifact other = format.open("dummy:tiny:8")) {
            assertThat(row(first, WeightRole.QUERY, 1, 3))
                    .isEqualTo(row(same, WeightRole.QUERY, 1, 3));
            assertThat(row(first, WeightRole.QUERY, 1, 3))
                    .isNotEqualTo(row(first, WeightRole.QUERY, 0, 3));
            assertThat(row(first, WeightRole.QUERY, 1, 3))
                    .isNotEqualTo(row(other, WeightRole.QUERY, 1, 3));
            assertThat(first.fingerprint())
                    .isEqualTo(same.fingerprint())
                    .isNotEqualTo(other.fingerprint());
            assertThat(first.weights().vector(WeightRole.ATTENTION_NORM, 0))
                    .isEqualTo(same.weights().vector(WeightRole.ATTENTION_NORM, 0));
        }
    }

    @Test
    void everyShapeOpensWithAllThatItsArchitectureImplies() {
        for (String name : DummyShape.names()) {
            try (ModelArtifact model = new DummyFormat().open("dummy:" + name)) {
                int last = model.architecture().layers().size() - 1;
                StoredMatrix output = model.weights().matrix(WeightRole.ATTENTION_OUTPUT, last);
                assertThat(output.rows()).isEqualTo(model.architecture().hiddenSize());
                assertThat(output.row(output.rows() - 1).byteSize())
                        .isEqualTo(2L * output.columns());
                assertThat(model.weights().storedBytes()).isPositive();
                assertThat(model.codec().vocabularySize())
                        .isLessThanOrEqualTo(model.architecture().vocabularySize());
            }
        }
    }

    @Test
    void bytesAreItsTokens() {
        var codec = new DummyFormat().openCodec("dummy:tiny");
        int[] ids = codec.encode("aé\u0000", true);
        assertThat(ids).containsExactly(256, 'a', 0xC3, 0xA9, 0);
        assertThat(codec.decode(ids, true)).isEqualTo("aé\u0000");
        assertThat(codec.isSpecial(256)).isTrue();
    }

    /** A client that measures has to see when they come. */
    @Test
    void allOtherTokensAreWordsOfTheirOwn() {
        var codec = new DummyFormat().openCodec("dummy:tiny");
        Set<String> words = new HashSet<>();
        for (int id = 258; id < codec.vocabularySize(); id++) {
            String word = codec.decode(new int[] {id}, true);
            assertThat(word).startsWith(" ").hasSizeGreaterThan(2);
            assertThat(words.add(word)).isTrue();
        }
        assertThat(words).isNotEmpty();
    }

    @Test
    void namesThatAreNoShapeAreRefused() {
        assertThatThrownBy(() -> new DummyFormat().open("dummy:gpt-5"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("there is no shape \"gpt-5\"; shapes are tiny,");
        assertThatThrownBy(() -> new DummyFormat().open("dummy:tiny:x"))
                .hasMessageContaining("the seed \"x\" is no integer");
        assertThatThrownBy(() -> new DummyFormat().open("dummy:tiny:1:2"))
                .hasMessageContaining("dummy:SHAPE:SEED");
    }
}
