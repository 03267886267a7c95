package dev.cairn.ports.engine;

/**
 * Exponential and logarithm whose every bit is defined: only IEEE 754 double additions,
 * multiplications and divisions in the order written, no fused operations. A device that repeats
 * them gets the same bits, which {@code Math.exp} does not promise. Relative error below 1e-14.
 */
final class DefinedMath {

    private static final double LOG2_E = 1.4426950408889634;
    private static final double LN2_HIGH = 0.6931471803691238;
    private static final double LN2_LOW = 1.9082149292705877e-10;
    private static final double LN2 = 0.6931471805599453;
    private static final double SQRT_2 = 1.4142135623730951;

    private static final double[] INVERSE_FACTORIALS = {
        1.0 / 6227020800.0,
        1.0 / 479001600.0,
        1.0 / 39916800.0,
        1.0 / 3628800.0,
        1.0 / 362880.0,
        1.0 / 40320.0,
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0
    };

    private DefinedMath() {}

    /**
     * e to the x for x up to 700; 0 below -700. Range reduction by ln 2, then the Taylor polynomial
     * of degree 13.
     */
    static double exp(double x) {
        if (x < -700) {
            return 0;
        }
        double k = Math.rint(x * LOG2_E);
        double r = (x - k * LN2_HIGH) - k * LN2_LOW;
        double sum = INVERSE_FACTORIALS[0];
        for (int i = 1; i < INVERSE_FACTORIALS.length; i++) {
            sum = sum * r + INVERSE_FACTORIALS[i];
        }
        return sum * Double.longBitsToDouble(((long) k + 1023) << 52);
    }

    /**
     * Natural logarithm of a positive normal x: 2 artanh((m - 1) / (m + 1)) by its series, m in
     * [√½, √2).
     */
    static double log(double x) {
        long bits = Double.doubleToRawLongBits(x);
        int exponent = (int) (bits >>> 52) - 1023;
        double m = Double.longBitsToDouble((bits & 0x000fffffffffffffL) | 0x3ff0000000000000L);
        if (m > SQRT_2) {
            m = m * 0.5;
            exponent++;
        }
        double f = (m - 1) / (m + 1);
        double square = f * f;
        double sum = 0;
        for (int n = 21; n >= 3; n -= 2) {
            sum = (sum + 1.0 / n) * square;
        }
        return exponent * LN2 + 2 * f * (sum + 1);
    }
}
