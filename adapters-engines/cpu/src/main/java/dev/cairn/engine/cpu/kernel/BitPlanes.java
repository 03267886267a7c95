package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes a lane's 32 elements of a packed block that are wider than nibbles: the low four bits as
 * Q4_0 has them, the others behind them ({@link PackedMatrix}).
 */
final class BitPlanes {

    private static final int NIBBLES = 256;

    private BitPlanes() {}

    /**
     * Nibbles alone.
     *
     * @param block its first byte
     * @param elements 32 of them
     * @param plus added to each
     */
    static void putFour(MemorySegment data, long block, int lane, int[] elements, int plus) {
        for (int i = 0; i < 16; i++) {
            int low = elements[i] + plus & 15;
            int high = elements[i + 16] + plus & 15;
            put(data, block, i / 4, lane, i, low | high << 4);
        }
    }

    /** Nibbles, then the fifth bits of the four columns of each group at the group's place. */
    static void putFive(MemorySegment data, long block, int lane, int[] elements, int plus) {
        putFour(data, block, lane, elements, plus);
        for (int byteOfLane = 0; byteOfLane < 4; byteOfLane++) {
            int bits = 0;
            for (int group = 0; group < 8; group++) {
                bits |= (elements[4 * group + byteOfLane] + plus >> 4 & 1) << group;
            }
            put(data, block + NIBBLES, 0, lane, byteOfLane, bits);
        }
    }

    /** Nibbles, then the upper two bits of the first sixteen columns, then of the others. */
    static void putSix(MemorySegment data, long block, int lane, int[] elements, int plus) {
        putFour(data, block, lane, elements, plus);
        for (int half = 0; half < 2; half++) {
            for (int byteOfLane = 0; byteOfLane < 4; byteOfLane++) {
                int bits = 0;
                for (int group = 0; group < 4; group++) {
                    int element = elements[16 * half + 4 * group + byteOfLane] + plus;
                    bits |= (element >> 4 & 3) << 2 * group;
                }
                put(data, block + NIBBLES, half, lane, byteOfLane, bits);
            }
        }
    }

    private static void put(
            MemorySegment data, long from, int group, int lane, int column, int bits) {
        data.set(ValueLayout.JAVA_BYTE, from + group * 64L + lane * 4 + column % 4, (byte) bits);
    }
}
