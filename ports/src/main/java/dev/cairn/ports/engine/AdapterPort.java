package dev.cairn.ports.engine;

import dev.cairn.ports.system.Completion;

/** LoRA adapters of a runner. Threads as {@link ModelRunner}. */
public interface AdapterPort {

    /** Slots for adapters loaded at once. */
    int slots();

    /**
     * Loads a PEFT adapter from a folder into a slot that no running sequence uses.
     *
     * @param done the adapter's content digest, hexadecimal; or a {@code ModelException} that names
     *     file and tensor
     */
    void load(int slot, String location, Completion<String> done);

    void unload(int slot, Completion<Void> done);
}
