package dev.cairn.engine.models.files;

/** Models of a few kilobytes, for tests of other packages. */
public final class TinyModels {

    /** {@code config.json} of {@link #llama}. */
    public static final String LLAMA_CONFIG = SafetensorsBytes.TINY_LLAMA_CONFIG;

    private TinyModels() {}

    /** {@code model.safetensors} of a Llama with one layer. */
    public static byte[] llama() {
        return SafetensorsBytes.tinyLlama().bytes();
    }
}
