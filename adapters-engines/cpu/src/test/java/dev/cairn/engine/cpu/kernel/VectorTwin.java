package dev.cairn.engine.cpu.kernel;

/**
 * Compares the Vector API kernels with plain Java in a JVM of its own, whose flags choose the width
 * of registers.
 */
final class VectorTwin {

    private VectorTwin() {}

    public static void main(String[] arguments) {
        Kernels vector = new VectorKernels();
        for (WeightFormat format : WeightFormat.values()) {
            new MatmulTest().providersAgreeBitForBit(vector.name(), vector, format);
            new MatmulTest()
                    .aTokensResultIsTheSameAloneAndInAnyBatch(vector.name(), vector, format);
        }
        new AttentionTest().providersAgreeBitForBit(vector);
        new RowsTest().providersAgreeBitForBit(vector);
        System.out.println(vector.name() + " agrees");
    }
}
