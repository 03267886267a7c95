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
