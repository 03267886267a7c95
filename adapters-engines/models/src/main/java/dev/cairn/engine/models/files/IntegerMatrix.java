package dev.cairn.engine.models.files;

import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A matrix of integers behind scales: weight = scale * code. Where 32 columns side by side share a
 * scale that a float16 holds, rows are given as blocks of Q8_0, or of Q4_0 if all codes are in [-8,
 * 7], bit for bit what the file says; else as float32.
 */
final class IntegerMatrix {

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int BLOCK = 32;

    /** What codes can be. */
    enum Range {
        /** -8 to 7. */
        NIBBLE,
        /** -128 to 127. */
        BYTE,
        /** Beyond, where a zero point far from the middle is taken off. */
        WIDE
    }

    /** Codes of a row, zero points taken off. Threads: any. */
    @FunctionalInterface
    interface Codes {
        int at(int row, int column);
    }

    /** Scale of a row in a group of columns. Threads: any. */
    @FunctionalInterface
    interface Scales {
        float at(int row, int group);
    }

    private IntegerMatrix() {}

    /**
     * @param groups group of each column
     * @param exact whether a float16 holds every scale
     */
    static DecodedMatrix of(
            int rows, int[] groups, Codes codes, Scales scales, Range range, boolean exact) {
        int columns = groups.length;
        if (!exact || range == Range.WIDE || !sharedByBlocks(groups)) {
            return new DecodedMatrix(
                    WeightType.FLOAT32,
                    WeightType.Q8_0,
                    rows,
                    columns,
                    (row, target) -> floats(row, target, groups, codes, scales));
        }
        boolean nibbles = range == Range.NIBBLE;
        WeightType type = nibbles ? WeightType.Q4_0 : WeightType.Q8_0;
        return new DecodedMatrix(
                type,
                type,
                rows,
                columns,
                (row, target) -> {
                    for (int from = 0; from < columns; from += BLOCK) {
                        long at = (long) from / BLOCK * type.blockBytes();
                        float scale = scales.at(row, groups[from]);
                        target.set(SHORT, at, Float.floatToFloat16(scale));
                        if (nibbles) {
                            nibbles(row, from, target, at + 2, codes);
                        } else {
                            bytes(row, from, target, at + 2, codes);
                        }
                    }
                });
    }

    private static boolean sharedByBlocks(int[] groups) {
        if (groups.length % BLOCK != 0) {
            return false;
        }
        for (int i = 0; i < groups.length; i++) {
            if (groups[i] != groups[i - i % BLOCK]) {
                return false;
            }
        }
        return true;
    }

    private static void floats(
            int row, MemorySegment target, int[] groups, Codes codes, Scales scales) {
        int group = -1;
        float scale = 0;
        for (int column = 0; column < groups.length; column++) {
            if (groups[column] != group) {
                group = groups[column];
                scale = scales.at(row, group);
            }
            target.set(FLOAT, 4L * column, scale * codes.at(row, column));
        }
    }

    private static void bytes(int row, int from, MemorySegment target, long at, Codes codes) {
        for (int i = 0; i < BLOCK; i++) {
            target.set(BYTE, at + i, (byte) codes.at(row, from + i));
        }
    }

    private static void nibbles(int row, int from, MemorySegment target, long at, Codes codes) {
        for (int i = 0; i < BLOCK / 2; i++) {
            int low = codes.at(row, from + i) + 8;
            int high = codes.at(row, from + BLOCK / 2 + i) + 8;
            target.set(BYTE, at + i, (byte) (low | high << 4));
        }
    }

    /** Columns in groups of one size, the last one perhaps smaller. */
    static int[] evenGroups(int columns, int size) {
        int[] groups = new int[columns];
        for (int column = 0; column < columns; column++) {
            groups[column] = column / size;
        }
        return groups;
    }
}
