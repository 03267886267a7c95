package dev.cairn.engine.cpu.packed;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What an image is of: two images of one key hold the same bytes.
 *
 * @param hex lower-case hexadecimal SHA-256
 * @param bytes length of the image
 */
public record PackedKey(String hex, long bytes) {

    static final int DIGEST_BYTES = 32;

    public PackedKey {
        if (HexFormat.of().parseHex(hex).length != DIGEST_BYTES || bytes < 1) {
            throw new IllegalArgumentException(
                    "no key of an image: " + hex + " of " + bytes + " bytes");
        }
    }

    /**
     * The key of an image that a text describes completely.
     *
     * @param description content, order and form of everything in it
     */
    public static PackedKey of(String description, long bytes) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(description.getBytes(StandardCharsets.UTF_8));
            return new PackedKey(HexFormat.of().formatHex(digest), bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    byte[] digest() {
        return HexFormat.of().parseHex(hex);
    }
}
