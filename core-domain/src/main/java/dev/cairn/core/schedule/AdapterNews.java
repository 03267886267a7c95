package dev.cairn.core.schedule;

/** What became of a LoRA adapter that a request needs. */
sealed interface AdapterNews {

    /** The runner has it. */
    record Loaded(int slot) implements AdapterNews {}

    /** The runner could not load it; the slot is empty. */
    record Failed(int slot, Throwable failure) implements AdapterNews {}

    /** It was unloaded while somebody waited for it. */
    record Missed(String digest) implements AdapterNews {}
}
