package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;

/**
 * A file mapped into memory, read-only, for as long as its arena lives.
 *
 * @param path where it is
 * @param bytes all of it
 * @param modified when it was last written to before it was opened
 */
public record MappedFile(Path path, MemorySegment bytes, FileTime modified) {

    /**
     * @throws ModelException if there is no such file or it cannot be read
     */
    public static MappedFile open(Path path, Arena arena) {
        requireFile(path);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            FileTime modified = Files.getLastModifiedTime(path);
            return new MappedFile(
                    path,
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena),
                    modified);
        } catch (IOException e) {
            throw new ModelException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Gives the file's pages in memory back; they are read again when they are touched. */
    public void unload() {
        if (bytes.isMapped()) {
            bytes.unload();
        }
    }

    /**
     * @throws ModelException if the file is not the one any more that was opened
     */
    public void requireUnchanged() {
        requireFile(path);
        try {
            if (Files.size(path) != bytes.byteSize()
                    || !Files.getLastModifiedTime(path).equals(modified)) {
                throw new ModelException(
                        path + ": was written to since it was opened; restart to serve it anew");
            }
        } catch (IOException e) {
            throw new ModelException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a small text file.
     *
     * @param maxBytes refused above this size
     * @throws ModelException if it is missing, too large or no UTF-8
     */
    public static String text(Path path, long maxBytes) {
        requireFile(path);
        try {
            long size = Files.size(path);
            if (size > maxBytes) {
                throw new ModelException(
                        path + ": has " + size + " bytes, at most " + maxBytes + " are read");
            }
            return utf8(ByteBuffer.wrap(Files.readAllBytes(path)), path.toString());
        } catch (IOException e) {
            throw new ModelException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    static String utf8(ByteBuffer bytes, String what) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new ModelException(what + ": is no UTF-8 text", e);
        }
    }

    private static void requireFile(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new ModelException(
                    path + ": " + (Files.exists(path) ? "is no file" : "is missing"));
        }
    }
}
