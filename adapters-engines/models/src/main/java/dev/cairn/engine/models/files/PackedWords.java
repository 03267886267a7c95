package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Set;

/**
 * Small unsigned integers in 32-bit words, the first in the lowest bits. Threads: any.
 *
 * @param bytes the words
 * @param bits of one integer: 2, 4 or 8
 */
record PackedWords(MemorySegment bytes, int bits) {

    private static final ValueLayout.OfInt WORD =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * @throws ModelException unless the tensor is of 32-bit words and a word holds a whole number
     *     of integers of that size
     */
    static PackedWords of(Tensor tensor, int bits) {
        if (!Set.of("I32", "U32").contains(tensor.encoding())) {
            throw new ModelException(
                    tensor.described() + " is in " + tensor.encoding() + ", expected I32");
        }
        return new PackedWords(tensor.bytes(), bits);
    }

    /**
     * Bits of one integer, by how many words hold a known number of them.
     *
     * @throws ModelException if they are none that is served
     */
    static int bits(Tensor tensor, long words, long integers) {
        long bits = integers == 0 ? 0 : words * 32 / integers;
        if (!Set.of(2L, 4L, 8L).contains(bits) || words * 32 != bits * integers) {
            throw new ModelException(
                    "%s packs %d weights in %d words of 32 bits; served are 2, 4 and 8 bits a weight"
                            .formatted(tensor.described(), integers, words));
        }
        return (int) bits;
    }

    int inWord() {
        return 32 / bits;
    }

    /** An integer of a word. */
    int at(long word, int place) {
        return bytes.get(WORD, 4 * word) >>> bits * place & (1 << bits) - 1;
    }
}
