package dev.cairn.ports.engine;

import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.system.Completion;

/**
 * LoRA adapters of a runner. Rows of one step may use different ones. Threads as {@link
 * ModelRunner}; steps run while an adapter is loaded.
 */
public interface AdapterPort {

    /** The most slots that there can be: {@link SequenceStep#adapter} is below it. */
    int slots();

    /**
     * Loads an adapter into a slot that is empty, or whose adapter no running sequence uses.
     *
     * @param done when steps may name the slot; or a {@code ModelException} that names file and
     *     tensor, the slot being empty then
     */
    void load(int slot, AdapterArtifact adapter, Completion<Void> done);

    /** Gives a slot's memory back; no running sequence uses it. */
    void unload(int slot, Completion<Void> done);
}
