package dev.cairn.engine.simulated;

import dev.cairn.engine.simulated.CostModel.Point;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Cost models of models on accelerators, from the numbers that their makers publish: a step takes
 * as long as reading the weights once or computing its tokens, whichever is longer, and as long as
 * reading the keys and values that it attends to. Of the published peaks {@value #MEMORY_SHARE} of
 * the bandwidth and {@value #COMPUTE_SHARE} of the arithmetic (bfloat16, dense) are assumed to be
 * reached, and {@value #STEP_NANOS} ns lie between two steps.
 *
 * <p>Sources: data sheets of NVIDIA A100 80GB SXM, H100 SXM, H200 SXM, L40S and AMD Instinct
 * MI300X; model cards of Llama 3.1 8B and Llama 3.2 1B.
 */
final class Roofline {

    private static final double MEMORY_SHARE = 0.8;
    private static final double COMPUTE_SHARE = 0.6;
    private static final double STEP_NANOS = 500_000;
    private static final int BYTES = 2;

    private static final Map<String, Device> DEVICES =
            new TreeMap<>(
                    Map.of(
                            "a100", new Device(2.039e12, 312e12),
                            "h100", new Device(3.35e12, 989e12),
                            "h200", new Device(4.8e12, 989e12),
                            "l40s", new Device(0.864e12, 362e12),
                            "mi300x", new Device(5.3e12, 1307e12)));

    private static final Map<String, Model> MODELS =
            new TreeMap<>(
                    Map.of(
                            "llama-3.1-8b", new Model(8.03e9, 32, 8 * 128),
                            "llama-3.2-1b", new Model(1.24e9, 16, 8 * 64)));

    private Roofline() {}

    /** The cost model called {@code MODEL@DEVICE}, if both are known. */
    static Optional<CostModel> named(String name) {
        String[] parts = name.toLowerCase(Locale.ROOT).split("@", -1);
        Model model = MODELS.get(parts[0]);
        Device device = parts.length == 2 ? DEVICES.get(parts[1]) : null;
        return model == null || device == null
                ? Optional.empty()
                : Optional.of(costs(name, model, device));
    }

    /** What can be named, for messages. */
    static String names() {
        return String.join(" or ", MODELS.keySet())
                + ", @, "
                + String.join(" or ", DEVICES.keySet());
    }

    private static CostModel costs(String name, Model model, Device device) {
        double read = model.parameters() * BYTES / (device.bandwidth() * MEMORY_SHARE) * 1e9;
        double token = 2 * model.parameters() / (device.operations() * COMPUTE_SHARE) * 1e9;
        // Beyond this many tokens arithmetic takes longer than reading the weights.
        int ridge = Math.max(2, (int) Math.round(read / token));
        double keysAndValues = 2.0 * model.layers() * model.keyWidth() * BYTES;
        double decodePair = keysAndValues / (device.bandwidth() * MEMORY_SHARE) * 1e9;
        // Scores and weighted values, for query heads four times as wide as the keys.
        double prefillPair =
                4.0
                        * model.layers()
                        * 4
                        * model.keyWidth()
                        / (device.operations() * COMPUTE_SHARE)
                        * 1e9;
        return new CostModel(
                name,
                List.of(
                        new Point(1, STEP_NANOS + read),
                        new Point(ridge, STEP_NANOS + read),
                        new Point(ridge + 8192, STEP_NANOS + read + 8192 * token)),
                0,
                prefillPair,
                decodePair);
    }

    /**
     * @param bandwidth bytes per second
     * @param operations per second
     */
    private record Device(double bandwidth, double operations) {}

    /**
     * @param keyWidth key heads times their size
     */
    private record Model(double parameters, int layers, int keyWidth) {}
}
