package dev.cairn.engine.models.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.TokenPair;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;

/**
 * Hugging Face's tokenizers library behind DJL's JNI functions.
 *
 * <p>The library lies in DJL's jar and is copied once to {@code ~/.djl.ai} (or {@code
 * ENGINE_CACHE_DIR}); nothing is downloaded. The functions are called directly because DJL's own
 * face fetches eight arrays for each text where ids alone are wanted.
 *
 * <p>Threads: safe for concurrent use; the library's tokenizers are immutable. The native object
 * goes with this one.
 */
final class NativeTokenizer {

    private static final Cleaner CLEANER = Cleaner.create();

    private final long handle;

    /**
     * @param json text of a {@code tokenizer.json}
     * @param source for messages
     * @throws ModelException if the library cannot be loaded or does not take the text
     */
    NativeTokenizer(String json, String source) {
        loadLibrary();
        long created;
        try {
            created = TokenizersLibrary.LIB.createTokenizerFromString(repaired(json));
            TokenizersLibrary.LIB.disableTruncation(created);
            TokenizersLibrary.LIB.disablePadding(created);
        } catch (RuntimeException e) {
            throw new ModelException(
                    source + ": is no tokenizer that can be served: " + e.getMessage(), e);
        }
        this.handle = created;
        CLEANER.register(this, () -> TokenizersLibrary.LIB.deleteTokenizer(created));
    }

    private static void loadLibrary() {
        // Where DJL finds a GPU it would otherwise look for another build of the library on the
        // network.
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        try {
            LibUtils.checkStatus();
        } catch (RuntimeException | LinkageError e) {
            throw new ModelException(
                    "the native tokenizer library could not be loaded for %s on %s: %s"
                            .formatted(
                                    System.getProperty("os.name"),
                                    System.getProperty("os.arch"),
                                    e.getMessage()),
                    e);
        }
    }

    /** Ids of a text without what the post-processor would put around it. */
    int[] encode(String text) {
        long encoding = TokenizersLibrary.LIB.encode(handle, repaired(text), false);
        try {
            return integers(TokenizersLibrary.LIB.getTokenIds(encoding));
        } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
            Reference.reachabilityFence(this);
        }
    }

    /** Two texts with what the post-processor puts around them. */
    TokenPair encodePair(String first, String second) {
        long encoding =
                TokenizersLibrary.LIB.encodeDual(handle, repaired(first), repaired(second), true);
        try {
            return new TokenPair(
                    integers(TokenizersLibrary.LIB.getTokenIds(encoding)),
                    integers(TokenizersLibrary.LIB.getTypeIds(encoding)),
                    integers(TokenizersLibrary.LIB.getSequenceIds(encoding)));
        } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
            Reference.reachabilityFence(this);
        }
    }

    private static int[] integers(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    /**
     * @param ids all of them ids of the vocabulary
     */
    String decode(int[] ids, boolean skipSpecialTokens) {
        try {
            return TokenizersLibrary.LIB.decode(
                    handle, Arrays.stream(ids).asLongStream().toArray(), skipSpecialTokens);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Replaces unpaired surrogates. With one of them in a string, the library's border would take
     * the whole string's bytes for something else than they are: every NUL and every character
     * beyond U+FFFF would be lost.
     */
    private static String repaired(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else {
                repaired = repaired == null ? new StringBuilder(text) : repaired;
                repaired.setCharAt(i, '\uFFFD');
            }
        }
        return repaired == null ? text : repaired.toString();
    }
}
