package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.PackedMatrix;
import dev.cairn.engine.cpu.kernel.StoredRows;
import dev.cairn.engine.cpu.kernel.WeightFormat;
import dev.cairn.ports.model.BlockEncoding;
import dev.cairn.ports.model.EncodedRows;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightSource;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Which matrices a model has packed, and in which format each is kept.
 *
 * <p>As stored, unless a type was asked for. The router of a mixture of experts stays in float32:
 * it is small, and a wrong expert is worse than a rounded weight. The output matrix stays at Q8_0
 * where Q4_0 was asked for and the file has it in something better, as llama.cpp keeps it at a
 * higher precision than the layers. Embedding rows are read from the file as they are needed.
 *
 * @param source where the weights lie
 * @param wanted type to convert to; empty = as stored
 */
record WeightCatalogue(
        ModelArchitecture architecture, WeightSource source, Optional<WeightType> wanted) {

    /** One matrix to pack. */
    record Entry(WeightRole role, int layer, int expert) {}

    /** Every packed matrix, in the order of its use. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            for (WeightRole role :
                    List.of(
                            WeightRole.QUERY,
                            WeightRole.KEY,
                            WeightRole.VALUE,
                            WeightRole.ATTENTION_OUTPUT)) {
                entries.add(new Entry(role, layer, 0));
            }
            addFeedForward(entries, layer);
        }
        entries.add(output());
        return entries;
    }

    private void addFeedForward(List<Entry> entries, int layer) {
        switch (architecture.layers().get(layer).feedForward()) {
            case Dense _ -> {
                entries.add(new Entry(WeightRole.GATE, layer, 0));
                entries.add(new Entry(WeightRole.UP, layer, 0));
                entries.add(new Entry(WeightRole.DOWN, layer, 0));
            }
            case Experts experts -> {
                entries.add(new Entry(WeightRole.ROUTER, layer, 0));
                for (int expert = 0; expert < experts.experts(); expert++) {
                    entries.add(new Entry(WeightRole.EXPERT_GATE, layer, expert));
                    entries.add(new Entry(WeightRole.EXPERT_UP, layer, expert));
                    entries.add(new Entry(WeightRole.EXPERT_DOWN, layer, expert));
                }
            }
        }
    }

    /** The matrix that makes logits: the embedding where both are one. */
    Entry output() {
        return new Entry(
                architecture.tiedEmbeddings() ? WeightRole.EMBEDDING : WeightRole.OUTPUT, 0, 0);
    }

    StoredMatrix stored(Entry entry) {
        return source.matrix(entry.role(), entry.layer(), entry.expert());
    }

    /** The format in which a matrix is kept. */
    WeightFormat format(Entry entry) {
        StoredMatrix stored = stored(entry);
        WeightType type = stored.kept();
        if (entry.role() == WeightRole.ROUTER) {
            return WeightFormat.F32;
        }
        if (wanted.isEmpty()) {
            return stored.encoded()
                    .map(rows -> format(rows.encoding()))
                    .orElseGet(() -> format(type));
        }
        boolean output = entry.equals(output());
        if (output && wanted.get() == WeightType.Q4_0 && type != WeightType.Q4_0) {
            return WeightFormat.Q8_0;
        }
        return format(wanted.get());
    }

    /** Bytes of all packed matrices. */
    long packedBytes() {
        long sum = 0;
        for (Entry entry : entries()) {
            StoredMatrix matrix = stored(entry);
            sum += PackedMatrix.packedBytes(format(entry), matrix.rows(), matrix.columns());
        }
        return sum;
    }

    /** What most weights are kept in, for people and for compute identity. */
    String label() {
        return wanted.map(WeightType::label)
                .or(this::dominantEncoding)
                .orElseGet(() -> source.dominantType().label());
    }

    /** The encoding of most weights; empty if that is no {@link BlockEncoding}. */
    private Optional<String> dominantEncoding() {
        Map<Optional<BlockEncoding>, Long> weights = new HashMap<>();
        for (Entry entry : entries()) {
            StoredMatrix matrix = stored(entry);
            weights.merge(
                    matrix.encoded().map(EncodedRows::encoding),
                    (long) matrix.rows() * matrix.columns(),
                    Long::sum);
        }
        return Collections.max(weights.entrySet(), Map.Entry.comparingByValue())
                .getKey()
                .map(BlockEncoding::label);
    }

    private static WeightFormat format(BlockEncoding encoding) {
        return switch (encoding) {
            case Q5_0 -> WeightFormat.Q5_0;
            case Q4_K -> WeightFormat.Q4_K;
            case Q5_K -> WeightFormat.Q5_K;
            case Q6_K -> WeightFormat.Q6_K;
        };
    }

    static WeightFormat format(WeightType type) {
        return switch (type) {
            case FLOAT32 -> WeightFormat.F32;
            case FLOAT16 -> WeightFormat.F16;
            case BFLOAT16 -> WeightFormat.BF16;
            case Q8_0 -> WeightFormat.Q8_0;
            case Q4_0 -> WeightFormat.Q4_0;
        };
    }

    /** A matrix as the packer reads it: in its own blocks where these are kept. */
    StoredRows rows(Entry entry) {
        StoredMatrix matrix = stored(entry);
        Optional<EncodedRows> encoded =
                matrix.encoded().filter(rows -> format(rows.encoding()) == format(entry));
        return encoded.map(rows -> rows(format(entry), rows::row))
                .orElseGet(() -> rows(format(matrix.type()), matrix::row));
    }

    /** A stored matrix as it is read row by row, whatever is kept. */
    static StoredRows rows(StoredMatrix matrix) {
        return rows(format(matrix.type()), matrix::row);
    }

    private static StoredRows rows(WeightFormat format, IntFunction<MemorySegment> rows) {
        return new StoredRows() {
            @Override
            public WeightFormat format() {
                return format;
            }

            @Override
            public MemorySegment row(int row) {
                return rows.apply(row);
            }
        };
    }
}
