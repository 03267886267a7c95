package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.KvElement;
import dev.cairn.engine.cpu.kernel.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Layers that share block tables, and how their blocks lie in memory.
 *
 * @param group as the core sees it
 * @param window tokens that a query sees, 0 for all
 * @param layout of the pool, whose number of blocks is the group's share of the cache
 */
record KvGroup(LayerGroup group, int window, KvLayout layout) {

    /** Layers go together that keep the same tokens in rows of the same shape. */
    private record Kind(OptionalInt window, int heads, int headSize) {}

    /** Whether the pool has a block of this number. */
    boolean holds(int block) {
        return block >= 0 && block < layout.blocks();
    }

    /**
     * Divides a model's layers into groups, those that see everything first, and the cache among
     * the groups.
     *
     * <p>The shares are such that all groups run out together under sequences of {@link
     * #typicalLength} tokens.
     *
     * @return empty if the cache does not hold one block of each group
     */
    static List<KvGroup> divide(
            ModelArchitecture architecture,
            KvType type,
            int blockTokens,
            StepLimits limits,
            long cacheBytes) {
        Map<Kind, List<Integer>> kinds = kinds(architecture);
        List<KvGroup> groups = new ArrayList<>();
        for (Map.Entry<Kind, List<Integer>> entry : kinds.entrySet()) {
            groups.add(of(groups.size(), entry.getKey(), entry.getValue(), type, blockTokens));
        }
        return share(groups, limits, cacheBytes);
    }

    /** Bytes that one block of each group takes: the least that a cache must have. */
    static long leastBytes(ModelArchitecture architecture, KvType type, int blockTokens) {
        long sum = 0;
        for (Map.Entry<Kind, List<Integer>> entry : kinds(architecture).entrySet()) {
            sum += of(0, entry.getKey(), entry.getValue(), type, blockTokens).layout().blockBytes();
        }
        return sum;
    }

    private static Map<Kind, List<Integer>> kinds(ModelArchitecture architecture) {
        Map<Kind, List<Integer>> kinds = new LinkedHashMap<>();
        for (boolean windowed : new boolean[] {false, true}) {
            for (int layer = 0; layer < architecture.layers().size(); layer++) {
                AttentionArchitecture attention = architecture.layers().get(layer).attention();
                if (attention.window().isPresent() == windowed) {
                    Kind kind =
                            new Kind(
                                    attention.window(),
                                    attention.keyValueHeads(),
                                    attention.headSize());
                    kinds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(layer);
                }
            }
        }
        return kinds;
    }

    private static KvGroup of(
            int index, Kind kind, List<Integer> layers, KvType type, int blockTokens) {
        StateKind state =
                kind.window().isPresent()
                        ? new StateKind.SlidingWindow(kind.window().getAsInt())
                        : new StateKind.FullAttention();
        dev.cairn.ports.cache.KvLayout canonical =
                new dev.cairn.ports.cache.KvLayout(
                        layers.size(), blockTokens, kind.heads(), kind.headSize(), type);
        KvLayout layout =
                new KvLayout(
                        element(type),
                        layers.size(),
                        1,
                        blockTokens,
                        kind.heads(),
                        kind.headSize());
        return new KvGroup(
                new LayerGroup(index, state, layers, canonical), kind.window().orElse(0), layout);
    }

    private static List<KvGroup> share(List<KvGroup> groups, StepLimits limits, long cacheBytes) {
        double bytesPerSequence = 0;
        for (KvGroup group : groups) {
            bytesPerSequence += (double) group.blocksOfTypical(limits) * group.layout.blockBytes();
        }
        double sequences = cacheBytes / bytesPerSequence;
        List<KvGroup> shared = new ArrayList<>();
        long left = cacheBytes;
        for (KvGroup group : groups) {
            double blocks = sequences * group.blocksOfTypical(limits);
            long most = left / group.layout.blockBytes();
            int share =
                    (int)
                            Math.min(
                                    Math.min((long) blocks, most),
                                    Integer.MAX_VALUE / group.layout.blockTokens());
            if (share < 1) {
                return List.of();
            }
            shared.add(group.withBlocks(share));
            left -= share * group.layout.blockBytes();
        }
        return shared;
    }

    /** Blocks that a sequence of typical length keeps in this group. */
    private long blocksOfTypical(StepLimits limits) {
        int kept = typicalLength(limits);
        if (window > 0) {
            // the window, the chunk that is being computed, and the block that both cut
            kept = (int) Math.min(kept, (long) window + limits.tileRows());
        }
        return 1L + kept / layout.blockTokens();
    }

    private static int typicalLength(StepLimits limits) {
        return Math.min(limits.positions(), 8192);
    }

    private KvGroup withBlocks(int blocks) {
        return new KvGroup(
                group,
                window,
                new KvLayout(
                        layout.element(),
                        layout.layers(),
                        blocks,
                        layout.blockTokens(),
                        layout.kvHeads(),
                        layout.headSize()));
    }

    private static KvElement element(KvType type) {
        return switch (type) {
            case FLOAT32 -> KvElement.F32;
            case BFLOAT16 -> KvElement.BF16;
            case INT8 -> KvElement.INT8;
        };
    }

    /**
     * Longest sequence that the pool can hold, in tokens. A window group has no limit, unless its
     * pool is so small that blocks would be wanted before the window has passed the first one.
     */
    int longestSequence() {
        int tokens = layout.blocks() * layout.blockTokens();
        boolean rolls = window > 0 && tokens >= (long) window + 2L * layout.blockTokens();
        return rolls ? Integer.MAX_VALUE : tokens;
    }

    /** First position that a query sees. */
    int firstVisible(int position) {
        return window == 0 ? 0 : Math.max(0, position - window + 1);
    }
}
