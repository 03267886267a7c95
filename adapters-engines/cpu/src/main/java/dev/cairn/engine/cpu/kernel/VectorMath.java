package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Registers of the Vector API: loads that widen to float32, and {@link PlainMath}'s functions lane
 * by lane.
 *
 * <p>A panel of 16 rows is one register of 512 bits, two of 256 or four of 128: what the processor
 * has.
 */
final class VectorMath {

    static final VectorSpecies<Float> FLOATS =
            FloatVector.SPECIES_PREFERRED.length() > PackedMatrix.PANEL_ROWS
                    ? FloatVector.SPECIES_512
                    : FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

    /** Lanes of a register; divides 16. */
    static final int LENGTH = FLOATS.length();

    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(LENGTH * Short.SIZE));

    /** At least 64 bits: for registers of four floats a load brings more bytes than are used. */
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, LENGTH * Byte.SIZE)));

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private VectorMath() {}

    static FloatVector floats(MemorySegment data, long offset) {
        return FloatVector.fromMemorySegment(FLOATS, data, offset, ORDER);
    }

    static void store(FloatVector vector, MemorySegment data, long offset) {
        vector.intoMemorySegment(data, offset, ORDER);
    }

    static IntVector ints(MemorySegment data, long offset) {
        return IntVector.fromMemorySegment(INTS, data, offset, ORDER);
    }

    static FloatVector bf16(MemorySegment data, long offset) {
        return wide(data, offset).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    /**
     * Half precision by moving its bits and multiplying by 2^112, which is exact and covers
     * subnormals.
     */
    static FloatVector f16(MemorySegment data, long offset) {
        IntVector half = wide(data, offset);
        IntVector magnitude = half.and(0x7fff).lanewise(VectorOperators.LSHL, 13);
        IntVector scaled = magnitude.reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
        VectorMask<Integer> special = magnitude.compare(VectorOperators.GE, 0x7c00 << 13);
        IntVector value = scaled.blend(magnitude.or(0x7f800000), special);
        return value.or(half.and(0x8000).lanewise(VectorOperators.LSHL, 16)).reinterpretAsFloats();
    }

    private static IntVector wide(MemorySegment data, long offset) {
        return (IntVector)
                ShortVector.fromMemorySegment(SHORTS, data, offset, ORDER)
                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    }

    /**
     * Signed bytes; with registers of four floats, four bytes more than wanted must be readable.
     */
    static FloatVector int8(MemorySegment data, long offset) {
        return (FloatVector)
                ByteVector.fromMemorySegment(BYTES, data, offset, ORDER)
                        .convertShape(VectorOperators.B2F, FLOATS, 0);
    }

    static FloatVector toFloats(IntVector ints) {
        return (FloatVector) ints.convertShape(VectorOperators.I2F, FLOATS, 0);
    }

    private static FloatVector constant(float value) {
        return FloatVector.broadcast(FLOATS, value);
    }

    static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.min(PlainMath.EXP_HIGHEST);
        FloatVector n = bounded.mul(PlainMath.LOG2_E).add(PlainMath.ROUND).sub(PlainMath.ROUND);
        FloatVector minus = n.neg();
        FloatVector r =
                minus.fma(
                        constant(PlainMath.LN2_LOW),
                        minus.fma(constant(PlainMath.LN2_HIGH), bounded));
        FloatVector p = constant(PlainMath.E5).fma(r, constant(PlainMath.E4));
        p = p.fma(r, constant(PlainMath.E3));
        p = p.fma(r, constant(PlainMath.E2));
        p = p.fma(r, constant(PlainMath.E1));
        p = p.fma(r, constant(PlainMath.E0));
        FloatVector y = p.fma(r.mul(r), r).add(1);
        IntVector exponent = (IntVector) n.convertShape(VectorOperators.F2I, INTS, 0);
        IntVector power = exponent.add(127).lanewise(VectorOperators.LSHL, 23);
        return y.mul(power.reinterpretAsFloats()).blend(0, x.lt(PlainMath.EXP_LOWEST));
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector z = x.mul(x);
        FloatVector p = constant(PlainMath.T4).fma(z, constant(PlainMath.T3));
        p = p.fma(z, constant(PlainMath.T2));
        p = p.fma(z, constant(PlainMath.T1));
        p = p.fma(z, constant(PlainMath.T0));
        FloatVector small = p.mul(z).fma(x, x);
        FloatVector magnitude = x.abs();
        FloatVector e = exp(magnitude.mul(-2));
        FloatVector large = constant(1).sub(e).div(e.add(1));
        IntVector sign = x.reinterpretAsInts().and(0x80000000);
        FloatVector signed = large.reinterpretAsInts().or(sign).reinterpretAsFloats();
        return signed.blend(small, magnitude.lt(PlainMath.TANH_SMALL));
    }

    static FloatVector gate(Gate gate, FloatVector x) {
        return switch (gate) {
            case SILU -> x.div(exp(x.neg()).add(1));
            case GELU_TANH -> {
                FloatVector inner = x.mul(constant(PlainMath.GELU_CUBE).fma(x.mul(x), constant(1)));
                yield x.div(exp(inner.mul(PlainMath.GELU_SLOPE).neg()).add(1));
            }
        };
    }

    static FloatVector softcap(FloatVector x, float cap) {
        return tanh(x.div(cap)).mul(cap);
    }
}
