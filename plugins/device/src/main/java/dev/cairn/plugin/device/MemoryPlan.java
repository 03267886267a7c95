package dev.cairn.plugin.device;

import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a runner will take of a device's memory, known before anything is allocated.
 *
 * @param weights bytes of the weights
 * @param cache bytes of the KV pools
 * @param work bytes of everything else
 */
record MemoryPlan(long weights, long cache, long work) {

    private static final double GIBIBYTE = 1 << 30;

    /** Left to libraries, to kernels' own memory and to what rounding to pages takes. */
    private static final long SPARE = 64L << 20;

    static MemoryPlan of(
            ModelArchitecture architecture,
            WeightCatalogue catalogue,
            StepLimits limits,
            List<KvGroup> groups,
            int partition) {
        return new MemoryPlan(
                catalogue.deviceBytes(),
                groups.stream().mapToLong(KvGroup::poolBytes).sum(),
                RotaryTables.bytes(architecture, limits.positions())
                        + Activations.bytes(architecture, limits, partition)
                        + StepPlan.bytes(limits, groups, 1)
                        + SamplingPlan.bytes(architecture.vocabularySize(), limits.logitRows()));
    }

    long total() {
        return weights + cache + work;
    }

    /**
     * Refuses what does not fit.
     *
     * @param model name for the message
     * @param free bytes that the device can give
     * @throws ModelException that says how much is missing and what would fit
     */
    void check(String model, WeightCatalogue catalogue, long free) {
        long usable = Math.max(0, free - SPARE);
        if (total() > usable) {
            throw new ModelException(
                    "%s needs %s of device memory (weights %s in %s, KV cache %s, work memory %s), %s can be had: %s are missing. %s"
                            .formatted(
                                    model,
                                    text(total()),
                                    text(weights),
                                    catalogue.label(),
                                    text(cache),
                                    text(work),
                                    text(usable),
                                    text(total() - usable),
                                    advice(catalogue, usable)));
        }
    }

    private String advice(WeightCatalogue catalogue, long usable) {
        List<String> ways = new ArrayList<>();
        long leftForCache = usable - weights - work;
        if (leftForCache > 0) {
            ways.add("a KV cache of at most " + text(leftForCache));
        }
        WeightCatalogue smaller =
                new WeightCatalogue(
                        catalogue.architecture(),
                        catalogue.source(),
                        Optional.of(WeightType.BFLOAT16));
        long bytes = smaller.deviceBytes();
        if (bytes < weights && bytes + cache + work <= usable) {
            ways.add("--dtype bfloat16 (weights " + text(bytes) + ")");
        }
        return ways.isEmpty()
                ? "No weight type of this engine would fit; take a smaller model, fewer tokens per step, or a larger device."
                : "What would fit: " + String.join(", or ", ways) + ".";
    }

    /** Bytes for people. */
    static String text(long bytes) {
        return bytes < GIBIBYTE
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
                : String.format(Locale.ROOT, "%.2f GiB", bytes / GIBIBYTE);
    }
}
