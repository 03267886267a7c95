package dev.cairn.plugin.device;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;

/**
 * Device memory that rows pass through, sized once for the largest step.
 *
 * @param residual {@code [tokens, hidden]}
 * @param operand {@code [tokens, widest input of a product]}, of any plain type
 * @param heads {@code [tokens, queries | keys | values]}
 * @param branch {@code [tokens, hidden]}
 * @param gateUp {@code [tokens, 2 * intermediate]}
 * @param experts room for routed feed-forward layers; null without
 * @param logits {@code [logit rows, vocabulary]}
 * @param partials of split attention
 * @param slots rows whose attention may be split
 * @param mostPartitions of a split row
 * @param adapterTable {@code [slots]} addresses of LoRA adapters
 * @param narrow {@code [tokens, products of one input, rank]}: between an adapter's two matrices
 */
record Activations(
        long residual,
        long operand,
        long heads,
        long branch,
        long gateUp,
        ExpertRooms experts,
        long logits,
        long partials,
        int slots,
        int mostPartitions,
        long adapterTable,
        long narrow) {

    /**
     * @param logits {@code [tokens, experts]}
     * @param chosen int32 {@code [tokens, per token]}
     * @param weights {@code [tokens, per token]}
     * @param groups of the choices
     * @param gateUp {@code [tokens * per token, 2 * intermediate]}
     * @param gated {@code [tokens * per token, intermediate]}
     * @param outputs {@code [tokens * per token, hidden]}
     */
    record ExpertRooms(
            long logits,
            long chosen,
            long weights,
            long groups,
            long gateUp,
            long gated,
            long outputs) {}

    /** Elements of a row between an adapter's two matrices: queries, keys and values at once. */
    private static final long NARROW = 3L * AdapterSlots.MOST_RANK;

    /** Partial results of split attention; what does not fit is not split. */
    private static final long PARTIAL_BYTES = 64L << 20;

    /** Widths of the buffers, over all layers. */
    private record Widths(
            int operand, int heads, int intermediate, int experts, int perToken, int expertWidth) {

        static Widths of(ModelArchitecture architecture) {
            int operand = architecture.hiddenSize();
            int heads = 0;
            int intermediate = 0;
            int experts = 0;
            int perToken = 0;
            int expertWidth = 0;
            for (LayerArchitecture layer : architecture.layers()) {
                AttentionArchitecture attention = layer.attention();
                int queries = attention.heads() * attention.headSize();
                operand = Math.max(operand, queries);
                heads =
                        Math.max(
                                heads,
                                queries + 2 * attention.keyValueHeads() * attention.headSize());
                switch (layer.feedForward()) {
                    case FeedForwardArchitecture.Dense dense -> {
                        operand = Math.max(operand, dense.intermediateSize());
                        intermediate = Math.max(intermediate, dense.intermediateSize());
                    }
                    case Experts routed -> {
                        experts = Math.max(experts, routed.experts());
                        perToken = Math.max(perToken, routed.expertsPerToken());
                        expertWidth = Math.max(expertWidth, routed.intermediateSize());
                    }
                }
            }
            return new Widths(operand, heads, intermediate, experts, perToken, expertWidth);
        }
    }

    static Activations allocate(
            Device device, ModelArchitecture architecture, StepLimits limits, int partition) {
        Widths widths = Widths.of(architecture);
        long rows = 4L * limits.tokens();
        int partitions = mostPartitions(limits, partition);
        int slots = slots(architecture, limits, partitions);
        ExpertRooms experts = null;
        if (widths.experts() > 0) {
            long choices = rows * widths.perToken();
            experts =
                    new ExpertRooms(
                            device.allocate(rows * widths.experts()),
                            device.allocate(choices),
                            device.allocate(choices),
                            device.allocate(groupBytes(widths, limits)),
                            device.allocate(choices * 2 * widths.expertWidth()),
                            device.allocate(choices * widths.expertWidth()),
                            device.allocate(choices * architecture.hiddenSize()));
        }
        return new Activations(
                device.allocate(rows * architecture.hiddenSize()),
                device.allocate(rows * widths.operand()),
                device.allocate(rows * widths.heads()),
                device.allocate(rows * architecture.hiddenSize()),
                device.allocate(Math.max(4, rows * 2 * widths.intermediate())),
                experts,
                device.allocate(4L * limits.logitRows() * architecture.vocabularySize()),
                device.allocate(Math.max(4, slots * slotBytes(architecture, partitions))),
                slots,
                partitions,
                device.allocate(8L * AdapterSlots.SLOTS),
                device.allocate(rows * NARROW));
    }

    /** Bytes of all buffers. */
    static long bytes(ModelArchitecture architecture, StepLimits limits, int partition) {
        Widths widths = Widths.of(architecture);
        long perRow =
                2L * architecture.hiddenSize()
                        + widths.operand()
                        + widths.heads()
                        + 2L * widths.intermediate()
                        + widths.experts()
                        + widths.perToken()
                                * (2L + 3L * widths.expertWidth() + architecture.hiddenSize());
        int partitions = mostPartitions(limits, partition);
        return 4L * limits.tokens() * (perRow + NARROW)
                + 8L * AdapterSlots.SLOTS
                + groupBytes(widths, limits)
                + 4L * limits.logitRows() * architecture.vocabularySize()
                + slots(architecture, limits, partitions) * slotBytes(architecture, partitions);
    }

    private static long groupBytes(Widths widths, StepLimits limits) {
        long choices = (long) limits.tokens() * widths.perToken();
        return 4 * ExpertOperations.groupInts(choices, widths.experts());
    }

    private static int mostPartitions(StepLimits limits, int partition) {
        return Math.ceilDiv(limits.positions(), partition);
    }

    private static int slots(ModelArchitecture architecture, StepLimits limits, int partitions) {
        return (int)
                Math.min(limits.sequences(), PARTIAL_BYTES / slotBytes(architecture, partitions));
    }

    private static long slotBytes(ModelArchitecture architecture, int partitions) {
        long widest = 0;
        for (LayerArchitecture layer : architecture.layers()) {
            long heads = layer.attention().heads();
            widest = Math.max(widest, heads * (layer.attention().headSize() + 2));
        }
        return 4L * partitions * widest;
    }
}
