package dev.cairn.engine.cpu;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a runner will take, known before anything is allocated.
 *
 * @param weights bytes of the packed weights
 * @param cache bytes of the KV pools
 * @param work bytes of everything else off the heap
 */
record MemoryPlan(long weights, long cache, long work) {

    private static final double GIBIBYTE = 1 << 30;

    /** Left to the heap, the mapped file and the rest of the machine. */
    private static final long SPARE = 256L << 20;

    long total() {
        return weights + cache + work;
    }

    /**
     * Refuses what does not fit.
     *
     * @param model name for the message
     * @param available bytes that the machine can give
     * @throws ModelException that says how much is missing and what would fit
     */
    void check(String model, WeightCatalogue catalogue, long available) {
        long usable = Math.max(0, available - SPARE);
        if (total() <= usable) {
            return;
        }
        throw new ModelException(
                "%s needs %s of memory (weights %s in %s, KV cache %s, work memory %s), %s can be had: %s are missing. %s"
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

    private String advice(WeightCatalogue catalogue, long usable) {
        List<String> ways = new ArrayList<>();
        long leftForCache = usable - weights - work;
        if (leftForCache > 0) {
            ways.add("a KV cache of at most " + text(leftForCache));
        }
        for (WeightType type : List.of(WeightType.BFLOAT16, WeightType.Q8_0, WeightType.Q4_0)) {
            long smaller =
                    new WeightCatalogue(
                                    catalogue.architecture(), catalogue.source(), Optional.of(type))
                            .packedBytes();
            if (smaller < weights && smaller + cache + work <= usable) {
                ways.add("--dtype " + type.label() + " (weights " + text(smaller) + ")");
            }
        }
        return ways.isEmpty()
                ? "No weight type of this engine would fit; take a smaller model or a larger machine."
                : "What would fit: " + String.join(", or ", ways) + ".";
    }

    /** Bytes for people. */
    static String text(long bytes) {
        return bytes < GIBIBYTE
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
                : String.format(Locale.ROOT, "%.2f GiB", bytes / GIBIBYTE);
    }
}
