package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelFingerprint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The fingerprint of a model: SHA-256 over its configuration and over every byte of its weight
 * files.
 *
 * <p>Weight files are cut into chunks of 16 MiB whose digests are computed on all processors and
 * then digested in order, so that the whole content counts, at the speed of the disk. The file
 * names do not count; the order of shards does.
 */
public final class ContentDigest {

    private static final long CHUNK = 16L << 20;
    private static final int BUFFER = 1 << 16;
    private static final String SCHEME = "cairn-model-1";

    private ContentDigest() {}

    /**
     * @param configuration text that shapes the computation, {@code config.json}; empty where the
     *     weight file holds it
     * @param files weight files in a fixed order
     */
    public static ModelFingerprint of(String configuration, List<MappedFile> files) {
        MessageDigest digest = sha256();
        add(digest, SCHEME);
        add(digest, configuration);
        for (MappedFile file : files) {
            long size = file.bytes().byteSize();
            add(digest, Long.toString(size));
            List<byte[]> chunks =
                    LongStream.range(0, Math.ceilDiv(size, CHUNK))
                            .parallel()
                            .mapToObj(
                                    i ->
                                            chunk(
                                                    file.bytes()
                                                            .asSlice(
                                                                    i * CHUNK,
                                                                    Math.min(
                                                                            CHUNK,
                                                                            size - i * CHUNK))))
                            .toList();
            chunks.forEach(digest::update);
        }
        return ModelFingerprint.of(digest.digest());
    }

    /** Adds a text with its length, so that no two lists of texts read alike. */
    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
    }

    private static byte[] chunk(MemorySegment bytes) {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[BUFFER];
        for (long at = 0; at < bytes.byteSize(); at += BUFFER) {
            int length = (int) Math.min(BUFFER, bytes.byteSize() - at);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, buffer, 0, length);
            digest.update(buffer, 0, length);
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
