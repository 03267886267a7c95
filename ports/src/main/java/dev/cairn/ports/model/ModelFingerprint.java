package dev.cairn.ports.model;

import java.util.HexFormat;

/**
 * Digest of a model's weights and configuration.
 *
 * @param hex lower-case hexadecimal SHA-256, 64 characters
 */
public record ModelFingerprint(String hex) {

    public ModelFingerprint {
        if (hex.length() != 64) {
            throw new IllegalArgumentException(
                    "a fingerprint has 64 hexadecimal digits, got " + hex.length());
        }
        HexFormat.of().parseHex(hex);
    }

    public static ModelFingerprint of(byte[] sha256) {
        return new ModelFingerprint(HexFormat.of().formatHex(sha256));
    }
}
