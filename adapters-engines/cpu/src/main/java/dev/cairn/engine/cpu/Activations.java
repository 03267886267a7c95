package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.ActivationFormat;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import java.lang.foreign.MemorySegment;

/**
 * Work memory of a runner, allocated once: the residual stream of a whole step, and for everything
 * else the rows of one tile. All float32.
 *
 * @param residual {@code [tokens, hidden]}
 * @param normed {@code [tile, hidden]}
 * @param query {@code [tile, heads * head size]}
 * @param key {@code [tile, KV heads * head size]}
 * @param value like the keys
 * @param attended like the queries
 * @param branch {@code [tile, hidden]}: what a half of a layer adds to the residual
 * @param gate {@code [tile, intermediate]}
 * @param up likewise
 * @param gated likewise
 * @param routing {@code [tile, experts]}
 * @param gathered {@code [tile, hidden]}: one expert's rows
 * @param expertOutput likewise
 * @param prepared {@code tile} rows of the widest product's input in its widest form
 * @param logits {@code [logit rows, vocabulary]}
 */
record Activations(
        MemorySegment residual,
        MemorySegment normed,
        MemorySegment query,
        MemorySegment key,
        MemorySegment value,
        MemorySegment attended,
        MemorySegment branch,
        MemorySegment gate,
        MemorySegment up,
        MemorySegment gated,
        MemorySegment routing,
        MemorySegment gathered,
        MemorySegment expertOutput,
        MemorySegment prepared,
        MemorySegment logits) {

    /** Elements of the widest row of each kind, over all layers. */
    private record Widths(int hidden, int query, int keyValue, int intermediate, int experts) {

        static Widths of(ModelArchitecture architecture) {
            int query = 1;
            int keyValue = 1;
            int intermediate = 1;
            int experts = 0;
            for (LayerArchitecture layer : architecture.layers()) {
                AttentionArchitecture attention = layer.attention();
                query = Math.max(query, attention.heads() * attention.headSize());
                keyValue = Math.max(keyValue, attention.keyValueHeads() * attention.headSize());
                intermediate = Math.max(intermediate, layer.feedForward().intermediateSize());
                experts =
                        switch (layer.feedForward()) {
                            case Dense _ -> experts;
                            case Experts routed -> Math.max(experts, routed.experts());
                        };
            }
            return new Widths(architecture.hiddenSize(), query, keyValue, intermediate, experts);
        }

        /** Bytes of a prepared row in whichever form takes most. */
        long preparedBytes() {
            int widest = Math.max(Math.max(hidden, query), intermediate);
            long bytes = 0;
            for (ActivationFormat format : ActivationFormat.values()) {
                bytes = Math.max(bytes, format.rowBytes(widest));
            }
            return bytes;
        }
    }

    static Activations allocate(
            ModelArchitecture architecture, StepLimits limits, OffHeap offHeap) {
        Widths widths = Widths.of(architecture);
        int expertHidden = widths.experts() == 0 ? 0 : widths.hidden();
        return new Activations(
                rows(offHeap, limits.tokens(), widths.hidden()),
                rows(offHeap, limits.tileRows(), widths.hidden()),
                rows(offHeap, limits.tileRows(), widths.query()),
                rows(offHeap, limits.tileRows(), widths.keyValue()),
                rows(offHeap, limits.tileRows(), widths.keyValue()),
                rows(offHeap, limits.tileRows(), widths.query()),
                rows(offHeap, limits.tileRows(), widths.hidden()),
                rows(offHeap, limits.tileRows(), widths.intermediate()),
                rows(offHeap, limits.tileRows(), widths.intermediate()),
                rows(offHeap, limits.tileRows(), widths.intermediate()),
                rows(offHeap, limits.tileRows(), widths.experts()),
                rows(offHeap, limits.tileRows(), expertHidden),
                rows(offHeap, limits.tileRows(), expertHidden),
                offHeap.allocate(limits.tileRows() * widths.preparedBytes()),
                rows(offHeap, limits.logitRows(), architecture.vocabularySize()));
    }

    /** Bytes that {@link #allocate} takes. */
    static long bytes(ModelArchitecture architecture, StepLimits limits) {
        Widths widths = Widths.of(architecture);
        int expertHidden = widths.experts() == 0 ? 0 : widths.hidden();
        long tileWidth =
                2L * widths.hidden()
                        + 2L * widths.query()
                        + 2L * widths.keyValue()
                        + 3L * widths.intermediate()
                        + widths.experts()
                        + 2L * expertHidden;
        return 4L * limits.tokens() * widths.hidden()
                + limits.tileRows() * (4 * tileWidth + widths.preparedBytes())
                + 4L * limits.logitRows() * architecture.vocabularySize();
    }

    private static MemorySegment rows(OffHeap offHeap, int rows, int width) {
        return offHeap.allocate(4L * rows * width);
    }
}
