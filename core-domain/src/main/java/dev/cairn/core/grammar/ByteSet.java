package dev.cairn.core.grammar;

/** A set of byte values 0 to 255, one bit each. */
record ByteSet(long bits0, long bits64, long bits128, long bits192) {

    static ByteSet range(int low, int high) {
        long[] words = new long[4];
        for (int value = low; value <= high; value++) {
            words[value >>> 6] |= 1L << (value & 63);
        }
        return new ByteSet(words[0], words[1], words[2], words[3]);
    }

    ByteSet union(ByteSet other) {
        return new ByteSet(
                bits0 | other.bits0,
                bits64 | other.bits64,
                bits128 | other.bits128,
                bits192 | other.bits192);
    }

    ByteSet intersection(ByteSet other) {
        return new ByteSet(
                bits0 & other.bits0,
                bits64 & other.bits64,
                bits128 & other.bits128,
                bits192 & other.bits192);
    }

    boolean isSubsetOf(ByteSet other) {
        return intersection(other).equals(this);
    }

    /** The smallest value, or -1. */
    int first() {
        if (bits0 != 0) {
            return Long.numberOfTrailingZeros(bits0);
        }
        if (bits64 != 0) {
            return 64 + Long.numberOfTrailingZeros(bits64);
        }
        if (bits128 != 0) {
            return 128 + Long.numberOfTrailingZeros(bits128);
        }
        return bits192 == 0 ? -1 : 192 + Long.numberOfTrailingZeros(bits192);
    }

    int size() {
        return Long.bitCount(bits0)
                + Long.bitCount(bits64)
                + Long.bitCount(bits128)
                + Long.bitCount(bits192);
    }

    boolean contains(int value) {
        long word =
                switch (value >>> 6) {
                    case 0 -> bits0;
                    case 1 -> bits64;
                    case 2 -> bits128;
                    default -> bits192;
                };
        return (word >>> (value & 63) & 1) != 0;
    }

    boolean isEmpty() {
        return (bits0 | bits64 | bits128 | bits192) == 0;
    }
}
