package dev.cairn.ports.model;

/**
 * An opened model. Closing it unmaps the weights: no {@link StoredMatrix} row may be read after
 * that.
 *
 * <p>Threads: accessors may be called from any thread; {@link #close} once, after the last reader.
 */
public interface ModelArtifact extends AutoCloseable {

    /**
     * Name derived from the location, used where the user gave none: the folder's or file's name.
     */
    String defaultName();

    /** Where it came from, for messages. */
    String location();

    ModelArchitecture architecture();

    WeightSource weights();

    TextCodec codec();

    GenerationDefaults generationDefaults();

    /** Identity of weights and configuration; part of every block key. */
    ModelFingerprint fingerprint();

    /**
     * Reads a LoRA adapter for this model and checks that every part of it can be served.
     *
     * @param location its folder
     * @throws ModelException naming the file and what is not served, or does not fit the model
     */
    default AdapterArtifact openAdapter(String location) {
        throw new ModelException(
                location
                        + ": models of this format take no LoRA adapters; serve the model's"
                        + " Hugging Face folder or its GGUF file");
    }

    /**
     * Gives the memory of weights back that were read from files; they are read again when they are
     * touched. Called by whoever has a copy of its own, or needs none for a while.
     */
    default void unload() {}

    /**
     * To be called before weights are read another time.
     *
     * @throws ModelException if a file is gone, or not the one any more that was opened
     */
    default void requireUnchanged() {}

    @Override
    void close();
}
