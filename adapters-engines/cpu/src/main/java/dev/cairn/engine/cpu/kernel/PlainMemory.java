package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How Java code reads and writes the little-endian numbers of weights and activations. */
final class PlainMemory {

    static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private PlainMemory() {}

    /** The float32 whose upper half is given. */
    static float bf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Rounded to nearest even; infinities stay, a NaN stays one. */
    static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fffffff) > 0x7f800000) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
