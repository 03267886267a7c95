package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceProperties;
import dev.cairn.plugin.device.ElementType;
import dev.cairn.plugin.device.Operations.AttentionLayer;
import dev.cairn.plugin.device.Operations.AttentionRows;

/**
 * Attention's kernels: on the matrix cores where keys and values are in bfloat16 and the device has
 * such cores, else in float32. Grids, blocks and shared memory are those that {@code attention.cu}
 * asks for. Threads: the device's owner.
 */
final class CudaAttention {

    /** Positions whose partial result is made apart. */
    static final int PARTITION = 256;

    private static final int THREADS = 128;
    private static final int WARPS = THREADS / 32;
    private static final int CHUNK = 32;
    private static final int SHARED_OF_ALL = 48 << 10;

    /** Of the kernel in float32. */
    private static final int PLAIN_ROWS = 16;

    private static final int CORE_ROWS = 16;
    private static final int MOST_CORE_ROWS = 64;
    private static final int CORE_GAP = 8;
    private static final int NARROW_HEAD = 128;

    /** A multiple of so many elements of a row is copied at once. */
    private static final int EIGHT = 8;

    private final CudaKernel shapeHeads;
    private final CudaKernel attend;
    private final CudaKernel attendNarrow;
    private final CudaKernel attendWide;
    private final CudaKernel mergePartitions;
    private final boolean hasCores;
    private final int mostShared;

    /** Makes a kernel ready that takes so many parameters. */
    interface Kernels {
        CudaKernel kernel(String name, int parameters);
    }

    CudaAttention(Kernels kernels, DeviceProperties device, int widestHead) {
        shapeHeads = kernels.kernel("shape_heads", 17);
        attend = kernels.kernel("attend", 20);
        attendNarrow = kernels.kernel("attend_cores_128", 21);
        attendWide = kernels.kernel("attend_cores_256", 21);
        mergePartitions = kernels.kernel("merge_partitions", 8);
        hasCores = device.hasBfloat16Cores();
        mostShared = device.blockMemoryBytes();
        allow(attend, plainBytes(widestHead));
        allow(attendNarrow, coreBytes(coreRows(NARROW_HEAD), NARROW_HEAD));
        allow(attendWide, coreBytes(coreRows(widestHead), widestHead));
    }

    private void allow(CudaKernel kernel, int bytes) {
        if (bytes > mostShared) {
            throw new DeviceException(
                    "attention over heads as wide as this model's takes %d bytes of a block's shared memory, this device has %d"
                            .formatted(bytes, mostShared));
        }
        if (bytes > SHARED_OF_ALL) {
            kernel.allowShared(bytes);
        }
    }

    int tileRows(ElementType keys, int headSize) {
        return onCores(keys, headSize) ? coreRows(headSize) : PLAIN_ROWS;
    }

    private boolean onCores(ElementType keys, int headSize) {
        return hasCores && keys == ElementType.BFLOAT16 && headSize % EIGHT == 0;
    }

    /** As many as the memory of a block holds: how many they are changes no bit. */
    private int coreRows(int headSize) {
        int rows = MOST_CORE_ROWS;
        while (rows > CORE_ROWS && coreBytes(rows, headSize) > mostShared) {
            rows /= 2;
        }
        return rows;
    }

    /** As the kernel's source says. */
    private static int plainBytes(int headSize) {
        return Float.BYTES
                * (3 * PLAIN_ROWS * headSize + CHUNK * (headSize + 1) + PLAIN_ROWS * (CHUNK + 6));
    }

    /** The kernel's {@code CoreRooms}. */
    private static int coreBytes(int rows, int headSize) {
        int width = roundUp(headSize, CORE_ROWS);
        int floats = rows * (width + CHUNK + 4 + 6);
        int halves = (rows + 2 * CHUNK) * (width + CORE_GAP) + rows * (CHUNK + CORE_GAP);
        return Float.BYTES * floats + Short.BYTES * halves;
    }

    private static int roundUp(int value, int multiple) {
        return Math.ceilDiv(value, multiple) * multiple;
    }

    void shapeHeads(AttentionLayer layer, AttentionRows rows, int count, long stream) {
        shapeHeads
                .with(rows.values)
                .with(layer.bias())
                .with(layer.queryNorm())
                .with(layer.keyNorm())
                .with(layer.epsilon())
                .with(layer.rotary())
                .with(layer.rotated())
                .with(rows.positions)
                .with(rows.slots)
                .with(layer.pool())
                .with(layer.blockBytes())
                .with(layer.layerOffset())
                .with(layer.kvType().ordinal())
                .with(layer.blockTokens())
                .with(layer.heads())
                .with(layer.keyHeads())
                .with(layer.headSize())
                .launch(
                        count,
                        Math.ceilDiv(layer.heads() + 2 * layer.keyHeads(), WARPS),
                        1,
                        THREADS,
                        0,
                        stream);
    }

    void attend(
            AttentionLayer layer,
            AttentionRows rows,
            long partials,
            int mostPartitions,
            long output,
            ElementType outputType,
            long stream) {
        int group = layer.heads() / layer.keyHeads();
        boolean onCores = onCores(layer.kvType(), layer.headSize());
        CudaKernel kernel =
                !onCores ? attend : layer.headSize() <= NARROW_HEAD ? attendNarrow : attendWide;
        int mostHeads = onCores ? coreRows(layer.headSize()) : PLAIN_ROWS;
        int rowsOfTile = roundUp(rows.tileTokens * Math.min(group, mostHeads), CORE_ROWS);
        kernel.with(rows.values)
                .with((layer.heads() + 2 * layer.keyHeads()) * layer.headSize())
                .with(layer.pool())
                .with(layer.blockBytes())
                .with(layer.layerOffset());
        if (!onCores) {
            kernel.with(layer.kvType().ordinal());
        }
        kernel.with(layer.blockTokens())
                .with(layer.keyHeads())
                .with(layer.headSize())
                .with(group)
                .with(rows.tables)
                .with(rows.tableWidth)
                .with(rows.tiles)
                .with(layer.scale())
                .with(layer.window())
                .with(layer.softcap())
                .with(partials)
                .with(mostPartitions)
                .with(output)
                .with(outputType.ordinal());
        if (onCores) {
            kernel.with(rowsOfTile).with(mostHeads);
        }
        kernel.launch(
                rows.tileCount,
                layer.keyHeads() * Math.ceilDiv(group, mostHeads),
                rows.partitions,
                THREADS,
                onCores ? coreBytes(rowsOfTile, layer.headSize()) : plainBytes(layer.headSize()),
                stream);
        mergePartitions
                .with(partials)
                .with(mostPartitions)
                .with(rows.tiles)
                .with(layer.heads())
                .with(layer.headSize())
                .with(layer.window())
                .with(output)
                .with(outputType.ordinal())
                .launch(rows.tileCount, layer.heads(), 1, THREADS, 0, stream);
    }
}
