package dev.cairn.engine.cpu.kernel;

/**
 * The functions whose every bit the providers share. Each is one fixed sequence of float32
 * operations, in plain Java here and lane by lane in the other providers.
 *
 * <p>The polynomials are those of the Cephes library (expf, tanhf), about one unit in the last
 * place.
 */
final class PlainMath {

    /** Lanes over which a sum along a row is spread before they are folded, in every provider. */
    static final int LANES = 16;

    static final float LOG2_E = 1.44269504f;
    static final float LN2_HIGH = 0.693359375f;
    static final float LN2_LOW = -2.12194440e-4f;

    /** Adding and subtracting it rounds to the nearest integer, ties to even. */
    static final float ROUND = 12582912f;

    /** Below, exp is taken as 0: the result would be subnormal. */
    static final float EXP_LOWEST = -87.33654f;

    static final float EXP_HIGHEST = 88.0f;

    static final float E5 = 1.9875691500e-4f;
    static final float E4 = 1.3981999507e-3f;
    static final float E3 = 8.3334519073e-3f;
    static final float E2 = 4.1665795894e-2f;
    static final float E1 = 1.6666665459e-1f;
    static final float E0 = 5.0000001201e-1f;

    static final float T4 = -5.70498872745e-3f;
    static final float T3 = 2.06390887954e-2f;
    static final float T2 = -5.37397155531e-2f;
    static final float T1 = 1.33314422036e-1f;
    static final float T0 = -3.33332819422e-1f;

    /** Below, tanh is a polynomial; above, it is made of exp. */
    static final float TANH_SMALL = 0.625f;

    /** {@code 2 * sqrt(2 / pi)}: GELU's tanh written as a logistic function. */
    static final float GELU_SLOPE = 1.5957691216f;

    static final float GELU_CUBE = 0.044715f;

    /** Magnitudes below are quantised to zero: their inverse would overflow. */
    static final float QUANT_SMALLEST = 1e-30f;

    private PlainMath() {}

    static float exp(float x) {
        if (x < EXP_LOWEST) {
            return 0;
        }
        float bounded = Math.min(x, EXP_HIGHEST);
        float n = round(bounded * LOG2_E);
        float r = Math.fma(-n, LN2_LOW, Math.fma(-n, LN2_HIGH, bounded));
        float p = Math.fma(E5, r, E4);
        p = Math.fma(p, r, E3);
        p = Math.fma(p, r, E2);
        p = Math.fma(p, r, E1);
        p = Math.fma(p, r, E0);
        float y = Math.fma(p, r * r, r) + 1;
        return y * Float.intBitsToFloat((int) n + 127 << 23);
    }

    static float tanh(float x) {
        float magnitude = Math.abs(x);
        if (magnitude < TANH_SMALL) {
            float z = x * x;
            float p = Math.fma(T4, z, T3);
            p = Math.fma(p, z, T2);
            p = Math.fma(p, z, T1);
            p = Math.fma(p, z, T0);
            return Math.fma(p * z, x, x);
        }
        float e = exp(-2 * magnitude);
        return Math.copySign((1 - e) / (1 + e), x);
    }

    static float silu(float x) {
        return x / (1 + exp(-x));
    }

    static float geluTanh(float x) {
        float inner = x * Math.fma(GELU_CUBE, x * x, 1);
        return x / (1 + exp(-(GELU_SLOPE * inner)));
    }

    static float softcap(float x, float cap) {
        return cap * tanh(x / cap);
    }

    /** To the nearest integer, ties to even; magnitudes below 2^22. */
    static float round(float x) {
        return (x + ROUND) - ROUND;
    }

    /** Folds the lanes of a sum in the one order that all providers use; destroys them. */
    static float fold(float[] lanes) {
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[i] += lanes[i + half];
            }
        }
        return lanes[0];
    }
}
