package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A reading position in a GGUF file; no read goes beyond the end, no count is believed that the
 * file cannot hold.
 */
final class GgufCursor {

    private static final ValueLayout.OfShort INT16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong INT64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MappedFile file;
    private final MemorySegment bytes;
    private long position;

    GgufCursor(MappedFile file) {
        this.file = file;
        this.bytes = file.bytes();
    }

    long position() {
        return position;
    }

    ModelException fault(String message) {
        return new ModelException(file.path() + ": " + message);
    }

    private long advance(long size, String what) {
        if (size > bytes.byteSize() - position) {
            throw fault(
                    "is truncated: "
                            + what
                            + " would end at byte "
                            + Long.toUnsignedString(position + size)
                            + " of "
                            + bytes.byteSize());
        }
        position += size;
        return position - size;
    }

    byte int8(String what) {
        return bytes.get(ValueLayout.JAVA_BYTE, advance(1, what));
    }

    short int16(String what) {
        return bytes.get(INT16, advance(2, what));
    }

    int int32(String what) {
        return bytes.get(INT32, advance(4, what));
    }

    long int64(String what) {
        return bytes.get(INT64, advance(8, what));
    }

    /** A count of things that take at least so many bytes each in the rest of the file. */
    long count(String what, int leastBytes) {
        long count = int64(what);
        if (count < 0 || count > (bytes.byteSize() - position) / leastBytes) {
            throw fault(
                    "%s is %s, more than the rest of the file can hold; it is truncated or malformed"
                            .formatted(what, Long.toUnsignedString(count)));
        }
        return count;
    }

    String text(String what, int longest) {
        long length = count("the length of " + what, 1);
        if (length > longest) {
            throw fault(what + " is longer than " + longest + " bytes");
        }
        long start = advance(length, what);
        return new String(
                bytes.asSlice(start, length).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.UTF_8);
    }
}
