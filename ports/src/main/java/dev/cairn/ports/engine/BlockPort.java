package dev.cairn.ports.engine;

import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;

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
}
