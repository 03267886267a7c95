package dev.cairn.plugin.hazelcast;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs what goes from member to member with the key that they share (HMAC-SHA256), if there is
 * one. The signature binds sender, receiver and time of sending; an answer's binds the question's,
 * so that neither can be used elsewhere. Threads: any.
 */
final class Seal {

    private static final int TAG = 32;

    /** What clocks may differ by, and the longest way. */
    static final long MOST_MILLIS_APART = 60_000;

    private final SecretKeySpec key;

    private Seal(SecretKeySpec key) {
        this.key = key;
    }

    /** Signs nothing and believes everything. */
    static Seal open() {
        return new Seal(null);
    }

    static Seal with(String sharedKey) {
        return new Seal(
                new SecretKeySpec(sharedKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    }

    boolean signs() {
        return key != null;
    }

    /**
     * @param parts in this order; their lengths are bound as well
     * @return what to send after them; empty without a key
     */
    byte[] tag(byte[]... parts) {
        if (key == null) {
            return new byte[0];
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            for (byte[] part : parts) {
                mac.update(ByteBuffer.allocate(4).putInt(part.length).array());
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /**
     * @throws MalformedMessage if the tag is not that of the parts
     */
    void check(byte[] tag, byte[]... parts) {
        if (tag.length != (key == null ? 0 : TAG)) {
            throw new MalformedMessage(
                    key == null
                            ? "it is signed, and this member has no cairn.cluster.key"
                            : "it is not signed with cairn.cluster.key");
        }
        if (!MessageDigest.isEqual(tag, tag(parts))) {
            throw new MalformedMessage("it is signed with another cairn.cluster.key");
        }
    }

    /** Appends the tag of the parts to the last of them. */
    byte[] sealed(byte[]... parts) {
        byte[] last = parts[parts.length - 1];
        byte[] tag = tag(parts);
        byte[] sealed = Arrays.copyOf(last, last.length + tag.length);
        System.arraycopy(tag, 0, sealed, last.length, tag.length);
        return sealed;
    }

    /**
     * Takes the tag off again.
     *
     * @param before the parts before the last one
     */
    byte[] opened(byte[] sealed, byte[]... before) {
        int length = sealed.length - (key == null ? 0 : TAG);
        if (length < 0) {
            throw new MalformedMessage("it is not signed with cairn.cluster.key");
        }
        byte[] content = Arrays.copyOf(sealed, length);
        byte[][] parts = Arrays.copyOf(before, before.length + 1);
        parts[before.length] = content;
        check(Arrays.copyOfRange(sealed, length, sealed.length), parts);
        return content;
    }
}
