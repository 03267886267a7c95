package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.MatrixPacker;
import dev.cairn.engine.cpu.kernel.PackedMatrix;
import dev.cairn.engine.cpu.kernel.StoredRowReader;
import dev.cairn.engine.cpu.kernel.StoredRows;
import dev.cairn.engine.cpu.kernel.WeightFormat;
import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.WeightRole;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * A LoRA adapter's narrow matrices, packed in float32 so that nothing of them is rounded; the
 * adapter's scale is multiplied into the wider one. Read by any thread until it is closed.
 */
final class LoadedAdapter implements AutoCloseable {

    /** The dense matrices of a layer, which an adapter may change. */
    static final List<WeightRole> ROLES =
            List.of(
                    WeightRole.QUERY,
                    WeightRole.KEY,
                    WeightRole.VALUE,
                    WeightRole.ATTENTION_OUTPUT,
                    WeightRole.GATE,
                    WeightRole.UP,
                    WeightRole.DOWN);

    /**
     * Of one matrix.
     *
     * @param down {@code [rank, inputs]}
     * @param up {@code [outputs, rank]}, scaled
     */
    record Pair(PackedMatrix down, PackedMatrix up) {}

    private final Pair[][] pairs;
    private final int rank;
    private final OffHeap memory;

    private LoadedAdapter(Pair[][] pairs, int rank, OffHeap memory) {
        this.rank = rank;
        this.pairs = pairs;
        this.memory = memory;
    }

    /**
     * Reads and packs an adapter.
     *
     * @throws dev.cairn.ports.model.ModelException if its files have changed
     */
    static LoadedAdapter load(AdapterArtifact adapter, ModelArchitecture architecture) {
        adapter.requireUnchanged();
        OffHeap memory = new OffHeap();
        try {
            Pair[][] pairs = new Pair[architecture.layers().size()][ROLES.size()];
            for (int layer = 0; layer < pairs.length; layer++) {
                for (int role = 0; role < ROLES.size(); role++) {
                    Optional<AdapterArtifact.Pair> stored = adapter.pair(ROLES.get(role), layer);
                    pairs[layer][role] = stored.isPresent() ? pack(stored.get(), memory) : null;
                }
            }
            // What was read is what its digest was made of, or it is not served.
            adapter.requireUnchanged();
            return new LoadedAdapter(pairs, adapter.rank(), memory);
        } catch (RuntimeException | Error failure) {
            memory.close();
            throw failure;
        }
    }

    private static Pair pack(AdapterArtifact.Pair stored, OffHeap memory) {
        StoredRows up = WeightCatalogue.rows(stored.up());
        return new Pair(
                pack(
                        WeightCatalogue.rows(stored.down()),
                        stored.down().rows(),
                        stored.down().columns(),
                        memory),
                pack(
                        new Scaled(up, stored.up().columns(), stored.scale()),
                        stored.up().rows(),
                        stored.up().columns(),
                        memory));
    }

    private static PackedMatrix pack(StoredRows source, int rows, int columns, OffHeap memory) {
        return MatrixPacker.pack(
                source, PackedMatrix.allocate(WeightFormat.F32, rows, columns, memory));
    }

    /** What it adds to a matrix; null where it adds nothing. */
    Pair pair(int layer, WeightRole role) {
        return pairs[layer][ROLES.indexOf(role)];
    }

    /** The largest rank of its pairs. */
    int rank() {
        return rank;
    }

    @Override
    public void close() {
        memory.close();
    }

    /** Rows multiplied by a factor, in float32. */
    private record Scaled(StoredRows source, int columns, float factor) implements StoredRows {

        @Override
        public WeightFormat format() {
            return WeightFormat.F32;
        }

        @Override
        public MemorySegment row(int row) {
            float[] read = new StoredRowReader(source, columns).read(source.row(row));
            float[] scaled = new float[columns];
            for (int i = 0; i < columns; i++) {
                scaled[i] = factor * read[i];
            }
            MemorySegment bytes = MemorySegment.ofArray(new byte[4 * columns]);
            MemorySegment.copy(scaled, 0, bytes, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, columns);
            return bytes;
        }
    }
}
