package dev.cairn.distribution.bench.load;

import java.util.Random;

/** Gamma variates by Marsaglia and Tsang's method (ACM TOMS 26, 2000). */
final class Gamma {

    private Gamma() {}

    /** A variate of this shape and scale 1. */
    static double draw(Random random, double shape) {
        if (shape < 1) {
            // Their section 6: a variate of shape + 1 times a power of a uniform one.
            return draw(random, shape + 1) * Math.pow(1 - random.nextDouble(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = Math.pow(1 + c * x, 3);
            if (v > 0
                    && Math.log(1 - random.nextDouble())
                            < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
