package dev.cairn.engine.cpu;

import dev.cairn.ports.engine.AdapterPort;
import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.system.Completion;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The LoRA adapters that are loaded, by slot. They are read beside the steps, on a thread of their
 * own, and stay while the runner sleeps.
 *
 * <p>Threads: as {@link AdapterPort}; {@link #at} from any, {@link #close} after the last step.
 */
final class CpuAdapters implements AdapterPort, AutoCloseable {

    /** More would be a mistake: each costs its own weights, and the core bounds them further. */
    private static final int SLOTS = 4096;

    private final ModelArchitecture architecture;
    private final AtomicReferenceArray<LoadedAdapter> loaded = new AtomicReferenceArray<>(SLOTS);
    private final StepThread thread = new StepThread("cairn-cpu-adapters");

    CpuAdapters(ModelArchitecture architecture) {
        this.architecture = architecture;
    }

    @Override
    public int slots() {
        return SLOTS;
    }

    /** The adapter in a slot; null if it is empty. */
    LoadedAdapter at(int slot) {
        return loaded.get(slot);
    }

    /** Whether steps may name the slot. */
    boolean holds(int slot) {
        return slot >= 0 && slot < SLOTS && loaded.get(slot) != null;
    }

    @Override
    public void load(int slot, AdapterArtifact adapter, Completion<Void> done) {
        post(
                () -> {
                    empty(slot);
                    loaded.set(slot, LoadedAdapter.load(adapter, architecture));
                },
                done);
    }

    @Override
    public void unload(int slot, Completion<Void> done) {
        post(() -> empty(slot), done);
    }

    private void empty(int slot) {
        LoadedAdapter old = loaded.getAndSet(slot, null);
        if (old != null) {
            old.close();
        }
    }

    private void post(Runnable work, Completion<Void> done) {
        ThreadWork<Void> task = ThreadWork.of(work, done);
        if (!thread.post(task)) {
            task.refuse();
        }
    }

    @Override
    public void close() {
        thread.close();
        for (int slot = 0; slot < SLOTS; slot++) {
            empty(slot);
        }
    }
}
