package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.PackedImage.Part;
import dev.cairn.engine.cpu.WeightCatalogue.Entry;
import dev.cairn.engine.cpu.kernel.ParallelKernels;
import dev.cairn.engine.cpu.packed.PackedFolder;
import dev.cairn.engine.cpu.packed.PackedWriting;
import dev.cairn.ports.engine.LoadProgress;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The memory of all packed matrices of a runner: from disk, or new and to be filled. */
final class WeightMemory {

    /** A chunk of a file is worth a thread's time. */
    private static final long CHUNK_COST = 1 << 20;

    private final PackedImage image;
    private final Optional<PackedFolder> folder;
    private final boolean packed;
    private final MemorySegment memory;

    /**
     * @param folder where images are kept; empty = nowhere
     * @param offHeap owner of the memory
     */
    WeightMemory(
            PackedImage image,
            Optional<PackedFolder> folder,
            OffHeap offHeap,
            ParallelKernels parallel,
            LoadProgress progress) {
        this.image = image;
        long bytes = image.key().bytes();
        this.folder = folder;
        Optional<MemorySegment> found =
                folder.flatMap(
                        images ->
                                images.find(
                                        image.key(),
                                        offHeap.arena(),
                                        offHeap,
                                        (parts, body) ->
                                                parallel.split(parts, CHUNK_COST, 1, body::run)));
        packed = found.isPresent();
        if (!packed) {
            progress.begin("packing weights", bytes);
        }
        memory = found.orElseGet(() -> offHeap.allocate(bytes));
    }

    /** Whether every matrix is there already. */
    boolean packed() {
        return packed;
    }

    /** Where a matrix lies or is to be packed. */
    MemorySegment part(Entry entry) {
        Part part = image.parts().get(entry);
        return memory.asSlice(part.offset(), part.bytes());
    }

    /** Begins to write down what has been packed, where that is wanted. */
    Optional<PackedWriting> keep() {
        return packed
                ? Optional.empty()
                : folder.flatMap(images -> images.keep(image.key(), memory));
    }
}
