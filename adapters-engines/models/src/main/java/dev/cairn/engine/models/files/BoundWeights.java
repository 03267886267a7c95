package dev.cairn.engine.models.files;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightSource;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Weights by role: every tensor that an architecture implies, found and checked once. Immutable
 * after that.
 */
public final class BoundWeights implements WeightSource {

    private static final ValueLayout.OfFloat FLOAT32 =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort BITS16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final TensorDirectory tensors;
    private final WeightNames names;
    private final boolean interleaved;
    private final float normOffset;
    private final Quantisation quantisation;
    private final Map<Place, StoredMatrix> matrices = new HashMap<>();
    private final Map<Place, float[]> vectors = new HashMap<>();

    private record Place(WeightRole role, int layer, int expert) {}

    private BoundWeights(
            TensorDirectory tensors,
            WeightNames names,
            boolean interleaved,
            float normOffset,
            Quantisation quantisation) {
        this.tensors = tensors;
        this.names = names;
        this.interleaved = interleaved;
        this.normOffset = normOffset;
        this.quantisation = quantisation;
    }

    /**
     * Binds the tensors of a Hugging Face folder.
     *
     * @param config {@code config.json}, which says how weights are quantised
     * @throws ModelException if a tensor is missing or does not fit, or weights are quantised in a
     *     way that is not served
     */
    public static BoundWeights huggingFace(
            TensorDirectory tensors, ModelArchitecture architecture, ConfigObject config) {
        // Gemma's files hold w where the norm multiplies by 1 + w.
        return new BoundWeights(
                        tensors,
                        WeightNames.HuggingFace.of(tensors, architecture),
                        false,
                        architecture.postNorms() ? 1 : 0,
                        Quantisation.read(config, tensors))
                .bind(architecture);
    }

    /**
     * Binds the tensors of a GGUF file.
     *
     * @param interleaved whether the file's architecture stores rotated pairs side by side
     */
    static BoundWeights gguf(
            TensorDirectory tensors, ModelArchitecture architecture, boolean interleaved) {
        return new BoundWeights(
                        tensors,
                        new WeightNames.Gguf(tensors),
                        interleaved,
                        0,
                        (_, _, _) -> Optional.empty())
                .bind(architecture);
    }

    private BoundWeights bind(ModelArchitecture architecture) {
        int hidden = architecture.hiddenSize();
        matrix(WeightRole.EMBEDDING, 0, architecture.vocabularySize(), hidden);
        norm(WeightRole.OUTPUT_NORM, 0, hidden);
        if (!architecture.tiedEmbeddings()) {
            matrix(WeightRole.OUTPUT, 0, architecture.vocabularySize(), hidden);
        }
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            norm(WeightRole.ATTENTION_NORM, layer, hidden);
            norm(WeightRole.FEED_FORWARD_NORM, layer, hidden);
            if (architecture.postNorms()) {
                norm(WeightRole.POST_ATTENTION_NORM, layer, hidden);
                norm(WeightRole.POST_FEED_FORWARD_NORM, layer, hidden);
            }
            attention(architecture.layers().get(layer).attention(), layer, hidden);
            feedForward(architecture.layers().get(layer).feedForward(), layer, hidden);
        }
        return this;
    }

    private void attention(AttentionArchitecture attention, int layer, int hidden) {
        int queries = attention.heads() * attention.headSize();
        int keys = attention.keyValueHeads() * attention.headSize();
        RowOrder order =
                interleaved
                        ? new RowOrder.InterleavedPairs(
                                attention.headSize(), attention.rotary().rotated())
                        : RowOrder.STORED;
        int all = queries + 2 * keys;
        part(WeightRole.QUERY, layer, new Rows(0, queries, all), hidden, order);
        part(WeightRole.KEY, layer, new Rows(queries, keys, all), hidden, order);
        part(WeightRole.VALUE, layer, new Rows(queries + keys, keys, all), hidden, RowOrder.STORED);
        matrix(WeightRole.ATTENTION_OUTPUT, layer, hidden, queries);
        if (attention.bias()) {
            vector(WeightRole.QUERY_BIAS, layer, queries, order, 0);
            vector(WeightRole.KEY_BIAS, layer, keys, order, 0);
            vector(WeightRole.VALUE_BIAS, layer, keys, RowOrder.STORED, 0);
        }
        if (attention.outputBias()) {
            vector(WeightRole.ATTENTION_OUTPUT_BIAS, layer, hidden, RowOrder.STORED, 0);
        }
        if (attention.queryKeyNorm()) {
            norm(WeightRole.QUERY_NORM, layer, attention.headSize());
            norm(WeightRole.KEY_NORM, layer, attention.headSize());
        }
    }

    private void feedForward(FeedForwardArchitecture feedForward, int layer, int hidden) {
        int width = feedForward.intermediateSize();
        switch (feedForward) {
            case FeedForwardArchitecture.Dense _ -> {
                part(
                        WeightRole.GATE,
                        layer,
                        new Rows(0, width, 2 * width),
                        hidden,
                        RowOrder.STORED);
                part(
                        WeightRole.UP,
                        layer,
                        new Rows(width, width, 2 * width),
                        hidden,
                        RowOrder.STORED);
                matrix(WeightRole.DOWN, layer, hidden, width);
            }
            case FeedForwardArchitecture.Experts experts -> {
                matrix(WeightRole.ROUTER, layer, experts.experts(), hidden);
                for (int expert = 0; expert < experts.experts(); expert++) {
                    expert(WeightRole.EXPERT_GATE, layer, expert, experts.experts(), width, hidden);
                    expert(WeightRole.EXPERT_UP, layer, expert, experts.experts(), width, hidden);
                    expert(WeightRole.EXPERT_DOWN, layer, expert, experts.experts(), hidden, width);
                }
            }
        }
    }

    private void norm(WeightRole role, int layer, int size) {
        vector(role, layer, size, RowOrder.STORED, normOffset);
    }

    private void matrix(WeightRole role, int layer, int rows, int columns) {
        matrix(role, layer, rows, columns, RowOrder.STORED);
    }

    private void matrix(WeightRole role, int layer, int rows, int columns, RowOrder order) {
        StoredMatrix matrix = whole(names.name(role, layer, 0), rows, columns, order);
        matrices.put(new Place(role, layer, 0), matrix);
    }

    /** A matrix of its own name, in whatever way the file encodes it. */
    private StoredMatrix whole(String name, int rows, int columns, RowOrder order) {
        Optional<DecodedMatrix> quantised = quantisation.find(name, rows, columns);
        if (quantised.isPresent()) {
            return quantised.get().ordered(order);
        }
        Tensor tensor = tensors.require(name, rows, columns);
        return over(tensor, tensor.bytes(), rows, columns, order);
    }

    /**
     * Rows of one role among those of others.
     *
     * @param first of them
     * @param count of them
     * @param all rows of the tensor that stacks them
     */
    private record Rows(int first, int count, int all) {}

    /** A matrix of its own, or a run of rows of a stacked one. */
    private void part(WeightRole role, int layer, Rows rows, int columns, RowOrder order) {
        Optional<String> stacked = names.stacked(role, layer);
        if (stacked.isEmpty()) {
            matrix(role, layer, rows.count(), columns, order);
            return;
        }
        Place place = new Place(role, layer, 0);
        Optional<DecodedMatrix> quantised = quantisation.find(stacked.get(), rows.all(), columns);
        if (quantised.isPresent()) {
            matrices.put(place, quantised.get().part(rows.first(), rows.count()).ordered(order));
            return;
        }
        Tensor all = tensors.require(stacked.get(), rows.all(), columns);
        long rowBytes = all.bytes().byteSize() / rows.all();
        MemorySegment own = all.bytes().asSlice(rows.first() * rowBytes, rows.count() * rowBytes);
        matrices.put(place, over(all, own, rows.count(), columns, order));
    }

    private void expert(
            WeightRole role, int layer, int expert, int experts, int rows, int columns) {
        String name = names.name(role, layer, expert);
        StoredMatrix matrix;
        if (names.fused(role, layer)) {
            Tensor all = tensors.require(name, experts, rows, columns);
            long size = all.bytes().byteSize() / experts;
            matrix =
                    over(
                            all,
                            all.bytes().asSlice(expert * size, size),
                            rows,
                            columns,
                            RowOrder.STORED);
        } else {
            matrix = whole(name, rows, columns, RowOrder.STORED);
        }
        matrices.put(new Place(role, layer, expert), matrix);
    }

    private static StoredMatrix over(
            Tensor tensor, MemorySegment bytes, int rows, int columns, RowOrder order) {
        Optional<GgufBlocks> blocks = GgufBlocks.of(tensor.encoding());
        int blockLength =
                blocks.map(GgufBlocks::blockLength)
                        .orElseGet(() -> plainType(tensor).blockLength());
        if (columns % blockLength != 0) {
            throw new ModelException(
                    "%s has rows of %d weights, %s packs blocks of %d"
                            .formatted(
                                    tensor.described(), columns, tensor.encoding(), blockLength));
        }
        if (blocks.isPresent()) {
            return blocks.get().matrix(bytes, rows, columns, order);
        }
        return new TensorMatrix(plainType(tensor), rows, columns, bytes, order);
    }

    private static WeightType plainType(Tensor tensor) {
        return tensor.type()
                .orElseThrow(
                        () ->
                                new ModelException(
                                        tensor.described()
                                                + " is stored as "
                                                + tensor.encoding()
                                                + ", which is not served without the scales of a quantisation; served are"
                                                + " F32, F16 and BF16"));
    }

    private void vector(WeightRole role, int layer, int size, RowOrder order, float offset) {
        Tensor tensor = tensors.require(names.name(role, layer, 0), size);
        float[] stored = floats(tensor, size);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = stored[(int) order.stored(i)] + offset;
        }
        vectors.put(new Place(role, layer, 0), values);
    }

    /** Widens a tensor of plain floats. */
    static float[] floats(Tensor tensor, int size) {
        float[] values = new float[size];
        MemorySegment bytes = tensor.bytes();
        for (int i = 0; i < size; i++) {
            values[i] =
                    switch (tensor.encoding()) {
                        case "F32" -> bytes.get(FLOAT32, 4L * i);
                        case "F16" -> Float.float16ToFloat(bytes.get(BITS16, 2L * i));
                        case "BF16" -> Float.intBitsToFloat(bytes.get(BITS16, 2L * i) << 16);
                        default ->
                                throw new ModelException(
                                        tensor.described()
                                                + " is stored as "
                                                + tensor.encoding()
                                                + "; a norm, bias or scale must be F32, F16 or BF16");
                    };
        }
        return values;
    }

    @Override
    public StoredMatrix matrix(WeightRole role, int layer, int expert) {
        StoredMatrix matrix = matrices.get(new Place(role, layer, expert));
        if (matrix == null) {
            throw new IllegalArgumentException(
                    "the model has no matrix "
                            + role
                            + " in layer "
                            + layer
                            + ", expert "
                            + expert);
        }
        return matrix;
    }

    @Override
    public float[] vector(WeightRole role, int layer) {
        float[] vector = vectors.get(new Place(role, layer, 0));
        if (vector == null) {
            throw new IllegalArgumentException(
                    "the model has no vector " + role + " in layer " + layer);
        }
        return vector.clone();
    }

    @Override
    public long storedBytes() {
        return tensors.storedBytes();
    }

    @Override
    public WeightType dominantType() {
        Map<WeightType, Long> weights = new EnumMap<>(WeightType.class);
        matrices.values()
                .forEach(
                        matrix ->
                                weights.merge(
                                        matrix.kept(),
                                        (long) matrix.rows() * matrix.columns(),
                                        Long::sum));
        return Collections.max(weights.entrySet(), Map.Entry.comparingByValue()).getKey();
    }
}
