package dev.cairn.ports.model;

/**
 * A way to read models: Hugging Face folders, GGUF files, generated dummies.
 *
 * <p>Threads: any thread, at start; implementations are stateless.
 */
public interface ModelFormat {

    /** Short name for messages and {@code cairn plugins}, for example {@code "gguf"}. */
    String name();

    /**
     * Whether this format wants to open the location. Cheap: may look at names and the first bytes
     * of a file, never at weights.
     *
     * @param location what the user wrote after {@code --model}, without a {@code name=} prefix
     */
    boolean recognises(String location);

    /**
     * Opens a model: reads configuration and tensor directory, maps weights without reading them.
     *
     * @throws ModelException if anything is missing, malformed, of an unserved family or of a wrong
     *     shape; the message names the file, the tensor or key, and what was expected. Memory used
     *     before throwing is bounded by the size of the files
     */
    ModelArtifact open(String location);

    /**
     * Opens the text side alone, for roles that need no weights.
     *
     * @throws ModelException as {@link #open}
     */
    TextCodec openCodec(String location);
}
