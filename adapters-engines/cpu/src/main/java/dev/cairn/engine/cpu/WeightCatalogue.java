package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.PackedMatrix;
import dev.cairn.engine.cpu.kernel.StoredRows;
import dev.cairn.engine.cpu.kernel.WeightFormat;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightSource;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
        WeightType type = stored(entry).kept();
        if (entry.role() == WeightRole.ROUTER) {
            return WeightFormat.F32;
        }
        if (wanted.isEmpty()) {
            return format(type);
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
        return wanted.orElse(source.dominantType()).label();
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

    /** A stored matrix as the packer reads it. */
    static StoredRows rows(StoredMatrix matrix) {
        WeightFormat format = format(matrix.type());
        return new StoredRows() {
            @Override
            public WeightFormat format() {
                return format;
            }

            @Override
            public MemorySegment row(int row) {
                return matrix.row(row);
            }
        };
    }
}
