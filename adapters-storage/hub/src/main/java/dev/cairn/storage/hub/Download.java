package dev.cairn.storage.hub;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelStore.Progress;
import dev.cairn.storage.hub.HubClient.Content;
import dev.cairn.storage.hub.HubClient.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Fetches one content: asks again where a connection ends early, goes on where an earlier process
 * stopped ({@code TAG.incomplete}), and lets nothing become the content before its digest is the
 * one that the hub told. One thread.
 */
final class Download {

    private static final int BUFFER = 1 << 20;
    private static final int MOST_FRUITLESS = 6;

    private final HubClient client;
    private final HubCache cache;
    private final Repository repository;
    private final HubFile file;
    private final Progress progress;
    private final Duration pause;

    /**
     * @param pause before the second attempt; doubles for each further one
     */
    Download(
            HubClient client,
            HubCache cache,
            Repository repository,
            HubFile file,
            Progress progress,
            Duration pause) {
        this.client = client;
        this.cache = cache;
        this.repository = repository;
        this.file = file;
        this.progress = progress;
        this.pause = pause;
    }

    /** Bytes of an earlier attempt. */
    static long begun(Path blob) throws IOException {
        Path part = part(blob);
        return Files.exists(part) ? Files.size(part) : 0;
    }

    private static Path part(Path blob) {
        return blob.resolveSibling(blob.getFileName() + ".incomplete");
    }

    /**
     * @throws ModelException if it cannot be had, or came damaged twice
     */
    void run() throws IOException, InterruptedException {
        Path blob = cache.blob(repository.id(), file);
        Path lock = cache.lock(repository.id(), file);
        Files.createDirectories(blob.getParent());
        Files.createDirectories(lock.getParent());
        try (FileChannel channel =
                        FileChannel.open(
                                lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            if (Files.exists(blob)) {
                progress.advanced(file.bytes() - begun(blob));
                return;
            }
            for (int attempt = 1; !fetched(part(blob)); attempt++) {
                Files.delete(part(blob));
                progress.advanced(-file.bytes());
                if (attempt == 2) {
                    throw new ModelException(
                            "%s of %s came damaged twice: its digest is not %s, which the hub says; nothing of it was kept"
                                    .formatted(file.path(), repository.id(), file.tag()));
                }
            }
            Files.move(part(blob), blob, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Says whether all bytes came and are right. */
    private boolean fetched(Path part) throws IOException, InterruptedException {
        try (FileChannel out =
                FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            if (out.size() > file.bytes()) {
                progress.advanced(-out.size());
                out.truncate(0);
            }
            MessageDigest digest = digest();
            out.position(read(out, digest));
            int fruitless = 0;
            while (out.position() < file.bytes()) {
                long before = out.position();
                try {
                    append(out, digest);
                } catch (IOException e) {
                    fruitless = out.position() > before ? 0 : fruitless + 1;
                    if (fruitless == MOST_FRUITLESS) {
                        throw new IOException(
                                "%s stops after %,d of %,d bytes: %s"
                                        .formatted(
                                                file.path(),
                                                out.position(),
                                                file.bytes(),
                                                e.getMessage()),
                                e);
                    }
                    Thread.sleep(pause.multipliedBy(1L << fruitless));
                }
            }
            out.force(true);
            return proven(digest);
        }
    }

    private void append(FileChannel out, MessageDigest digest) throws IOException {
        try (Content content = client.content(repository, file, out.position())) {
            if (content.begin() != out.position()) {
                progress.advanced(-out.position());
                out.truncate(0);
                start(digest);
            }
            copy(content.stream(), out, digest);
        }
        if (out.position() < file.bytes()) {
            throw new IOException("the connection ended early");
        }
    }

    private void copy(InputStream in, FileChannel out, MessageDigest digest) throws IOException {
        byte[] buffer = new byte[BUFFER];
        int read;
        while ((read = in.read(buffer)) > 0) {
            if (out.position() + read > file.bytes()) {
                throw new ModelException(
                        "%s of %s is longer than the %,d bytes that the hub says"
                                .formatted(file.path(), repository.id(), file.bytes()));
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            digest.update(buffer, 0, read);
            progress.advanced(read);
        }
    }

    /** Takes what an earlier process wrote into the digest, and says how much it is. */
    private static long read(FileChannel from, MessageDigest digest) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        from.position(0);
        while (from.read(buffer) >= 0) {
            digest.update(buffer.flip());
            buffer.clear();
        }
        return from.size();
    }

    private MessageDigest digest() {
        try {
            return start(
                    MessageDigest.getInstance(
                            file.proof() == HubFile.Proof.GIT_BLOB ? "SHA-1" : "SHA-256"));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1 and SHA-256", e);
        }
    }

    /** Git names a content by {@code SHA-1("blob LENGTH\0" + content)}. */
    private MessageDigest start(MessageDigest digest) {
        digest.reset();
        if (file.proof() == HubFile.Proof.GIT_BLOB) {
            digest.update(("blob " + file.bytes() + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        return digest;
    }

    private boolean proven(MessageDigest digest) {
        return file.proof() == HubFile.Proof.LENGTH
                || HexFormat.of().formatHex(digest.digest()).equals(file.tag());
    }
}
