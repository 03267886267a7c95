package dev.cairn.transport.kv;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What all members know and nobody else. Each side proves it with HMAC-SHA-256 over what both have
 * said so far, their random numbers included; the key itself never travels.
 *
 * <p>Threads: any.
 */
final class SharedKey {

    static final int PROOF_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";

    /** The two sides prove different things, so that no proof can be sent back. */
    enum Side {
        PULLING,
        SERVING
    }

    private final Optional<SecretKeySpec> key;

    /**
     * @param secret empty = nothing to prove
     */
    private SharedKey(Optional<byte[]> secret) {
        this.key = secret.map(bytes -> new SecretKeySpec(bytes, ALGORITHM));
    }

    static SharedKey of(Optional<String> secret) {
        return new SharedKey(secret.map(text -> text.getBytes(StandardCharsets.UTF_8)));
    }

    boolean isSet() {
        return key.isPresent();
    }

    /** {@value #PROOF_BYTES} bytes; zeros without a key. */
    byte[] proof(Side side, byte[]... said) {
        if (key.isEmpty()) {
            return new byte[PROOF_BYTES];
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key.get());
            mac.update((byte) side.ordinal());
            for (byte[] part : said) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }

    /** Takes the same time wherever the proofs differ. */
    boolean proves(byte[] proof, Side side, byte[]... said) {
        return key.isEmpty() || MessageDigest.isEqual(proof, proof(side, said));
    }
}
