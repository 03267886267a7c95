package dev.cairn.ports.engine;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.MemorySegment;

/**
 * Block traffic between a runner's device and host memory, in the canonical layout of the group.
 *
 * <p>Threads: as {@link ModelRunner}. Ordering: a transfer sees everything that steps launched
 * before it wrote, and steps launched after an import's completion see its bytes. The caller
 * neither frees nor rewrites a block while a transfer of it runs, and lets a step read what is
 * being restored only behind a {@link LayerGate}.
 */
public interface BlockPort {

    /**
     * Tells of host memory from and to which blocks will be moved, so that a device copies there
     * itself where it otherwise takes a detour. May wait; leases outside of it stay allowed.
     *
     * @param memory stays where it is until the runner is closed
     * @return whether blocks now go there and come from there without another copy on the host; a
     *     runner that cannot, or whose driver refuses, says no and goes on as before
     */
    default boolean attach(MemorySegment memory) {
        return false;
    }

    /**
     * Copies layer slices of a block out of the device.
     *
     * @param firstLayer index within the group
     * @param layers how many
     * @param target {@code layers * sliceBytes}, written from its start
     */
    void export(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease target,
            Completion<Void> done);

    /** Copies layer slices into a block of the device; the bytes were verified by the caller. */
    void restore(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease source,
            Completion<Void> done);

    /**
     * Whether {@link #restoreHere} copies on the thread that calls it. Where not, nobody calls it.
     */
    default boolean restoresHere() {
        return false;
    }

    /**
     * As {@link #restore}, from any thread and before it returns: for whoever has just received the
     * bytes, so that his processor's cache has them.
     */
    default void restoreHere(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease source,
            Completion<Void> done) {
        restore(group, block, firstLayer, layers, source, done);
    }

    /**
     * Verifies layer slices where a tier lent them, and copies them into a block of the device: one
     * look at the bytes for both, where the runner can. A runner that does not do that itself has
     * them verified here, on the caller's thread.
     *
     * @param source the whole block; stays as it is until the completion
     * @param done {@code false} if a slice does not match its checksum: then the block of the
     *     device holds some of the slices, or none
     */
    default void restoreLent(
            int group,
            int block,
            int firstLayer,
            int layers,
            BlockBytes source,
            Completion<Boolean> done) {
        if (!source.isSound(firstLayer, layers)) {
            done.completed(false);
            return;
        }
        MemorySegment slices =
                source.bytes()
                        .segment()
                        .asSlice(
                                source.layout().sliceOffset(firstLayer),
                                layers * source.layout().sliceBytes());
        restore(
                group,
                block,
                firstLayer,
                layers,
                new MemoryLease() {
                    @Override
                    public MemorySegment segment() {
                        return slices;
                    }

                    @Override
                    public void close() {
                        // The caller's, with the whole block.
                    }
                },
                new Completion<>() {
                    @Override
                    public void completed(Void nothing) {
                        done.completed(true);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        done.failed(failure);
                    }
                });
    }
}
