package dev.cairn.plugin.device;

import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * A LoRA adapter in host memory as the device will have it: a table of its pairs, {@code [layers,
 * roles]} of {@value #ENTRY_BYTES} bytes (address of {@code down}, address of {@code up}, rank; all
 * 0 where nothing is added), then the pairs in float32, so that nothing of them is rounded: {@code
 * down [rank, inputs]}, and {@code up} scaled and turned, {@code [rank, outputs]}.
 *
 * <p>Threads: made by one, then given to another.
 */
final class AdapterImage implements AutoCloseable {

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

    private static final int ENTRY_BYTES = 24;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    private AdapterImage(long bytes) {
        memory = arena.allocate(bytes, 16);
    }

    /**
     * Reads an adapter.
     *
     * @throws ModelException if its files have changed, or its rank is above what passes have room
     *     for
     */
    static AdapterImage read(AdapterArtifact adapter, int layers) {
        if (adapter.rank() > AdapterSlots.MOST_RANK) {
            throw new ModelException(
                    "%s has rank %d; this engine takes adapters up to rank %d"
                            .formatted(adapter.location(), adapter.rank(), AdapterSlots.MOST_RANK));
        }
        adapter.requireUnchanged();
        AdapterImage image = new AdapterImage(bytes(adapter, layers));
        try {
            image.fill(adapter, layers);
            // what was read is what its digest was made of, or it is not served
            adapter.requireUnchanged();
            return image;
        } catch (RuntimeException | Error failure) {
            image.close();
            throw failure;
        }
    }

    /** Place of a matrix' pair in the table. */
    static int entry(WeightRole role, int layer) {
        return layer * ROLES.size() + ROLES.indexOf(role);
    }

    private static long bytes(AdapterArtifact adapter, int layers) {
        long bytes = tableBytes(layers);
        for (int layer = 0; layer < layers; layer++) {
            for (WeightRole role : ROLES) {
                Optional<AdapterArtifact.Pair> pair = adapter.pair(role, layer);
                if (pair.isPresent()) {
                    bytes += floats(pair.get().down()) + floats(pair.get().up());
                }
            }
        }
        return bytes;
    }

    private static long tableBytes(int layers) {
        return (long) ENTRY_BYTES * layers * ROLES.size();
    }

    private static long floats(StoredMatrix matrix) {
        return 4L * matrix.rows() * matrix.columns();
    }

    private void fill(AdapterArtifact adapter, int layers) {
        long at = tableBytes(layers);
        for (int layer = 0; layer < layers; layer++) {
            for (WeightRole role : ROLES) {
                Optional<AdapterArtifact.Pair> pair = adapter.pair(role, layer);
                if (pair.isPresent()) {
                    StoredMatrix down = pair.get().down();
                    long entry = (long) ENTRY_BYTES * entry(role, layer);
                    memory.set(ValueLayout.JAVA_LONG, entry, at);
                    memory.set(ValueLayout.JAVA_LONG, entry + 8, at + floats(down));
                    memory.set(ValueLayout.JAVA_LONG, entry + 16, down.rows());
                    at = putDown(down, at);
                    at = putUp(pair.get().up(), pair.get().scale(), at);
                }
            }
        }
    }

    private long putDown(StoredMatrix down, long at) {
        RowCodec codec = new RowCodec(down, ElementType.FLOAT32);
        for (int row = 0; row < down.rows(); row++) {
            codec.write(row, memory, at + 4L * row * down.columns());
        }
        return at + floats(down);
    }

    private long putUp(StoredMatrix up, float scale, long at) {
        RowCodec codec = new RowCodec(up, ElementType.FLOAT32);
        MemorySegment row = MemorySegment.ofArray(new float[up.columns()]);
        for (int output = 0; output < up.rows(); output++) {
            codec.write(output, row, 0);
            for (int i = 0; i < up.columns(); i++) {
                memory.set(
                        ValueLayout.JAVA_FLOAT,
                        at + 4 * ((long) i * up.rows() + output),
                        scale * row.getAtIndex(ValueLayout.JAVA_FLOAT, i));
            }
        }
        return at + floats(up);
    }

    /** Makes the table's places in the image addresses on the device. */
    void place(long address, int layers) {
        for (long entry = 0; entry < tableBytes(layers); entry += ENTRY_BYTES) {
            if (memory.get(ValueLayout.JAVA_LONG, entry + 16) > 0) {
                for (long field = entry; field < entry + 16; field += 8) {
                    long place = memory.get(ValueLayout.JAVA_LONG, field);
                    memory.set(ValueLayout.JAVA_LONG, field, address + place);
                }
            }
        }
    }

    MemorySegment memory() {
        return memory;
    }

    long bytes() {
        return memory.byteSize();
    }

    @Override
    public void close() {
        arena.close();
    }
}
