package dev.cairn.plugin.hazelcast;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what {@link ByteWriter} wrote. Lengths are held against what is there before anything is
 * allocated; {@link MalformedMessage} is thrown for everything that does not fit.
 */
final class ByteReader {

    private final ByteBuffer bytes;

    ByteReader(byte[] message) {
        bytes = ByteBuffer.wrap(message);
    }

    int one() {
        try {
            return bytes.get() & 0xFF;
        } catch (BufferUnderflowException e) {
            throw cut();
        }
    }

    int number() {
        try {
            return bytes.getInt();
        } catch (BufferUnderflowException e) {
            throw cut();
        }
    }

    long longNumber() {
        try {
            return bytes.getLong();
        } catch (BufferUnderflowException e) {
            throw cut();
        }
    }

    /** A count of things that take at least so many bytes each. */
    int count(int bytesEach) {
        int count = number();
        if (count < 0 || (long) count * bytesEach > bytes.remaining()) {
            throw cut();
        }
        return count;
    }

    long[] numbers(int count) {
        if ((long) count * Long.BYTES > bytes.remaining()) {
            throw cut();
        }
        long[] numbers = new long[count];
        bytes.asLongBuffer().get(numbers);
        bytes.position(bytes.position() + count * Long.BYTES);
        return numbers;
    }

    String text(int longest) {
        byte[] text = block();
        if (text.length > longest) {
            throw new MalformedMessage("a text of " + text.length + " bytes");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedMessage("a text that is not UTF-8");
        }
    }

    List<String> texts(int longest) {
        int count = one();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(longest));
        }
        return texts;
    }

    byte[] block() {
        return raw(count(1));
    }

    byte[] raw(int count) {
        if (count > bytes.remaining()) {
            throw cut();
        }
        byte[] raw = new byte[count];
        bytes.get(raw);
        return raw;
    }

    byte[] rest() {
        return raw(bytes.remaining());
    }

    void end() {
        if (bytes.hasRemaining()) {
            throw new MalformedMessage(bytes.remaining() + " bytes too many");
        }
    }

    private static MalformedMessage cut() {
        return new MalformedMessage("cut short");
    }
}
