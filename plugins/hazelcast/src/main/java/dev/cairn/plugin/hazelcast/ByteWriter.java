package dev.cairn.plugin.hazelcast;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes a message; numbers are big-endian, texts UTF-8 with their length before them. */
final class ByteWriter {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    private final DataOutputStream data = new DataOutputStream(bytes);

    ByteWriter one(int value) {
        return write(() -> data.writeByte(value));
    }

    ByteWriter number(int value) {
        return write(() -> data.writeInt(value));
    }

    ByteWriter number(long value) {
        return write(() -> data.writeLong(value));
    }

    ByteWriter numbers(long[] values) {
        for (long value : values) {
            number(value);
        }
        return this;
    }

    ByteWriter text(String text) {
        return block(text.getBytes(StandardCharsets.UTF_8));
    }

    ByteWriter texts(List<String> texts) {
        one(texts.size());
        texts.forEach(this::text);
        return this;
    }

    /** With its length before it. */
    ByteWriter block(byte[] block) {
        return number(block.length).raw(block);
    }

    ByteWriter raw(byte[] raw) {
        return write(() -> data.write(raw));
    }

    int size() {
        return bytes.size();
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    private ByteWriter write(Step step) {
        try {
            step.run();
            return this;
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
    }

    @FunctionalInterface
    private interface Step {

        void run() throws IOException;
    }
}
