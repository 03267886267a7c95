package dev.cairn.ports.cache;

import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * vLLM's block hashes, algorithm {@code sha256_cbor}: a block's hash is the SHA-256 of the
 * canonical CBOR (RFC 8949, 4.2.1) of {@code (parent's hash, (token ids), extra keys)}, so it
 * stands for the block's tokens and everything before them. Only full blocks have one. The parent
 * of a prompt's first block is {@link #root}; its extra keys hold the tenant's salt, those of later
 * blocks and of callers without salt are null.
 *
 * <p>Results depend on the arguments and the constructor's alone. Threads: one at a time, for it
 * works in buffers of its own.
 */
public final class BlockHasher {

    /** What vLLM hashes instead of a seed where none is set (0.32). */
    private static final String NO_SEED = "vllm-none-hash";

    private static final int TEXT = 3 << 5;
    private static final int ARRAY = 4 << 5;
    private static final int NULL = 0xf6;
    private static final int DIGEST_BYTES = 32;

    /** Bytes of the parent and all that is not a token or a salt, rounded up. */
    private static final int FRAME_BYTES = 64;

    /** CBOR's longest head of a 32-bit number. */
    private static final int NUMBER_BYTES = 5;

    /** How the salt stands in the first block's extra keys. */
    public enum SaltForm {
        /** {@code (("cache_salt", salt),)}: vLLM 0.32. */
        TAGGED,
        /** {@code (salt,)}: vLLM before keys were tagged. */
        BARE
    }

    private final MessageDigest sha256;
    private final SaltForm saltForm;
    private final BlockHash root;
    private final byte[] digest = new byte[DIGEST_BYTES];
    private byte[] buffer = new byte[256];
    private int length;

    /** Hashes as vLLM makes them without {@code PYTHONHASHSEED}; every node gets the same. */
    public BlockHasher() {
        this(Optional.empty(), SaltForm.TAGGED);
    }

    /**
     * @param seed value of vLLM's {@code PYTHONHASHSEED}, which decides the root; empty = not set
     */
    public BlockHasher(Optional<String> seed, SaltForm saltForm) {
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
        this.saltForm = saltForm;
        text(seed.orElse(NO_SEED));
        this.root = digest();
    }

    /** The parent of first blocks; vLLM calls it {@code NONE_HASH}. */
    public BlockHash root() {
        return root;
    }

    /**
     * Hash of a prompt's first block.
     *
     * @param salt binds the blocks to a tenant, well-formed Unicode; empty = none
     */
    public BlockHash first(int[] tokens, int from, int count, String salt) {
        begin(root, tokens, from, count);
        if (salt.isEmpty()) {
            put(NULL);
        } else {
            head(ARRAY, 1);
            if (saltForm == SaltForm.TAGGED) {
                head(ARRAY, 2);
                text("cache_salt");
            }
            text(salt);
        }
        return digest();
    }

    /**
     * Hash of the block that follows {@code parent} and holds {@code tokens[from .. from+count)}.
     */
    public BlockHash next(BlockHash parent, int[] tokens, int from, int count) {
        begin(parent, tokens, from, count);
        put(NULL);
        return digest();
    }

    private void begin(BlockHash parent, int[] tokens, int from, int count) {
        int most = FRAME_BYTES + NUMBER_BYTES * count;
        if (buffer.length < most) {
            buffer = new byte[most];
        }
        length = 0;
        head(ARRAY, 3);
        put(0x58);
        put(DIGEST_BYTES);
        parent.writeTo(buffer, length);
        length += DIGEST_BYTES;
        head(ARRAY, count);
        for (int i = from; i < from + count; i++) {
            int id = tokens[i];
            // CBOR writes a negative number n as -1 - n, major type 1.
            head(id < 0 ? 1 << 5 : 0, id < 0 ? ~id : id);
        }
    }

    private void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int room = length + NUMBER_BYTES + utf8.length + 1;
        if (buffer.length < room) {
            buffer = Arrays.copyOf(buffer, room);
        }
        head(TEXT, utf8.length);
        System.arraycopy(utf8, 0, buffer, length, utf8.length);
        length += utf8.length;
    }

    /** The shortest head that holds the number. */
    private void head(int majorType, int number) {
        if (number < 24) {
            put(majorType | number);
        } else if (number < 1 << 8) {
            put(majorType | 24);
            put(number);
        } else if (number < 1 << 16) {
            put(majorType | 25);
            put(number >>> 8);
            put(number);
        } else {
            put(majorType | 26);
            put(number >>> 24);
            put(number >>> 16);
            put(number >>> 8);
            put(number);
        }
    }

    private void put(int value) {
        buffer[length++] = (byte) value;
    }

    private BlockHash digest() {
        try {
            sha256.update(buffer, 0, length);
            sha256.digest(digest, 0, DIGEST_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("a SHA-256 fits 32 bytes", e);
        }
        length = 0;
        return BlockHash.of(digest);
    }
}
