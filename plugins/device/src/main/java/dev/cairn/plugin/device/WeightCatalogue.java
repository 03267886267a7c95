package dev.cairn.plugin.device;

import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightSource;
import dev.cairn.ports.model.WeightType;
import java.util.List;
import java.util.Optional;

/**
 * In which type each matrix is kept on the device: as stored, or in the plain type that was asked
 * for. The router of a mixture of experts stays in float32: it is small, and a wrong expert is
 * worse than a rounded weight.
 *
 * @param wanted type to convert to; empty = as stored
 */
record WeightCatalogue(
        ModelArchitecture architecture, WeightSource source, Optional<WeightType> wanted) {

    /**
     * @throws ModelException if a matrix cannot be converted
     */
    ElementType type(WeightRole role, int layer, int expert) {
        if (role == WeightRole.ROUTER) {
            return ElementType.FLOAT32;
        }
        StoredMatrix matrix = source.matrix(role, layer, expert);
        if (wanted.isEmpty()) {
            return kept(matrix);
        }
        if (wanted.get() == matrix.type() && matrix.encoded().isEmpty()) {
            return ElementType.of(matrix.type());
        }
        ElementType asked = ElementType.of(wanted.get());
        if (!asked.isPlain()) {
            throw new ModelException(
                    "%s weights of layer %d are %s: this engine keeps quantised weights as their file has them and makes none; write --dtype auto, bfloat16, float16 or float32"
                            .formatted(role, layer, kept(matrix).label()));
        }
        return asked;
    }

    /** As the file has them; what is in an encoding that devices do not know is decoded. */
    private static ElementType kept(StoredMatrix matrix) {
        if (matrix.encoded().isPresent()) {
            return ElementType.of(matrix.encoded().get().encoding());
        }
        // 16 bits hold what the encoding said
        return matrix.kept() == matrix.type()
                ? ElementType.of(matrix.type())
                : ElementType.BFLOAT16;
    }

    /** The matrix that makes logits: the embedding where both are one. */
    WeightRole output() {
        return architecture.tiedEmbeddings() ? WeightRole.EMBEDDING : WeightRole.OUTPUT;
    }

    /** Bytes of all weights on the device. */
    long deviceBytes() {
        long sum = bytes(WeightRole.EMBEDDING, 0, 0);
        if (!architecture.tiedEmbeddings()) {
            sum += bytes(WeightRole.OUTPUT, 0, 0);
        }
        long norms = 4L * architecture.hiddenSize();
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            LayerArchitecture shape = architecture.layers().get(layer);
            sum += 4 * norms;
            for (WeightRole role :
                    List.of(
                            WeightRole.QUERY,
                            WeightRole.KEY,
                            WeightRole.VALUE,
                            WeightRole.ATTENTION_OUTPUT)) {
                sum += bytes(role, layer, 0);
            }
            sum += feedForwardBytes(layer, shape);
        }
        return sum;
    }

    private long feedForwardBytes(int layer, LayerArchitecture shape) {
        return switch (shape.feedForward()) {
            case Dense _ ->
                    bytes(WeightRole.GATE, layer, 0)
                            + bytes(WeightRole.UP, layer, 0)
                            + bytes(WeightRole.DOWN, layer, 0);
            case Experts experts -> {
                long each =
                        bytes(WeightRole.EXPERT_GATE, layer, 0)
                                + bytes(WeightRole.EXPERT_UP, layer, 0)
                                + bytes(WeightRole.EXPERT_DOWN, layer, 0);
                yield bytes(WeightRole.ROUTER, layer, 0) + experts.experts() * each;
            }
        };
    }

    private long bytes(WeightRole role, int layer, int expert) {
        StoredMatrix matrix = source.matrix(role, layer, expert);
        return matrix.rows() * type(role, layer, expert).rowBytes(matrix.columns());
    }

    /** What most weights are kept in, for people and for compute identity. */
    String label() {
        return wanted.map(WeightType::label)
                .orElseGet(
                        () ->
                                source.matrix(WeightRole.ATTENTION_OUTPUT, 0)
                                        .encoded()
                                        .map(rows -> rows.encoding().label())
                                        .orElseGet(() -> source.dominantType().label()));
    }
}
