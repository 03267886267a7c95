package dev.cairn.plugin.device;

import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.model.AdapterArtifact;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Which LoRA adapter is in which slot. What is here may be named by steps; while a runner sleeps it
 * stays, to be loaded again.
 *
 * <p>Threads: read by any, written by the device's owner.
 */
final class AdapterSlots {

    /** Each costs device memory of its own, and the core bounds them further. */
    static final int SLOTS = 1024;

    /** What one pass through an adapter has room for. */
    static final int MOST_RANK = 256;

    private final AtomicReferenceArray<AdapterArtifact> held = new AtomicReferenceArray<>(SLOTS);

    /** Whether steps may name the slot. */
    boolean holds(int slot) {
        return at(slot) != null;
    }

    /** The adapter in a slot; null if there is none. */
    AdapterArtifact at(int slot) {
        return slot >= 0 && slot < SLOTS ? held.get(slot) : null;
    }

    /** The largest rank of a slot's pairs; 0 if it is empty. */
    int rank(int slot) {
        AdapterArtifact adapter = at(slot);
        return adapter == null ? 0 : adapter.rank();
    }

    /** What the sequences' adapters need, rounded up to a power of two; 0 without adapters. */
    int rank(List<SequenceStep> sequences) {
        int most = 0;
        for (int i = 0; i < sequences.size(); i++) {
            most = Math.max(most, rank(sequences.get(i).adapter()));
        }
        return most == 0 ? 0 : StepGraphs.powerOfTwo(most);
    }

    void put(int slot, AdapterArtifact adapter) {
        held.set(slot, adapter);
    }

    void empty(int slot) {
        held.set(slot, null);
    }
}
