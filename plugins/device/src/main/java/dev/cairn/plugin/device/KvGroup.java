package dev.cairn.plugin.device;

import dev.cairn.ports.cache.KvLayout;
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
 * Layers that share a pool of blocks. In the pool a block has the canonical layout, so that it
 * leaves and comes as one run of bytes.
 *
 * @param window in tokens; 0 = all positions are seen
 * @param blocks of the pool
 */
record KvGroup(LayerGroup group, int window, int blocks) {

    /** Sequences are taken to be at most this long where the cache is divided among groups. */
    private static final int TYPICAL_LENGTH = 8192;

    private record Kind(OptionalInt window, int heads, int headSize) {}

    /**
     * Divides a model's layers into groups, those that see everything first, and the cache among
     * the groups such that all run out together.
     *
     * @return empty if the cache does not hold one block of each group
     */
    static List<KvGroup> divide(
            ModelArchitecture architecture,
            KvType type,
            int blockTokens,
            StepLimits limits,
            long cacheBytes) {
        List<KvGroup> groups = groups(architecture, type, blockTokens);
        double bytesPerSequence = 0;
        for (KvGroup group : groups) {
            bytesPerSequence += (double) group.blocksOfTypical(limits) * group.blockBytes();
        }
        double sequences = cacheBytes / bytesPerSequence;
        List<KvGroup> shared = new ArrayList<>();
        long left = cacheBytes;
        for (KvGroup group : groups) {
            double blocks = sequences * group.blocksOfTypical(limits);
            int share =
                    (int)
                            Math.min(
                                    Math.min((long) blocks, left / group.blockBytes()),
                                    Integer.MAX_VALUE / blockTokens);
            if (share < 1) {
                return List.of();
            }
            shared.add(new KvGroup(group.group, group.window, share));
            left -= share * group.blockBytes();
        }
        return List.copyOf(shared);
    }

    /** Bytes that one block of each group takes: the least that a cache must have. */
    static long leastBytes(ModelArchitecture architecture, KvType type, int blockTokens) {
        return groups(architecture, type, blockTokens).stream()
                .mapToLong(KvGroup::blockBytes)
                .sum();
    }

    private static List<KvGroup> groups(
            ModelArchitecture architecture, KvType type, int blockTokens) {
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
        List<KvGroup> groups = new ArrayList<>();
        kinds.forEach(
                (kind, layers) -> {
                    KvLayout layout =
                            new KvLayout(
                                    layers.size(),
                                    blockTokens,
                                    kind.heads(),
                                    kind.headSize(),
                                    type);
                    StateKind state =
                            kind.window().isPresent()
                                    ? new StateKind.SlidingWindow(kind.window().getAsInt())
                                    : new StateKind.FullAttention();
                    groups.add(
                            new KvGroup(
                                    new LayerGroup(groups.size(), state, layers, layout),
                                    kind.window().orElse(0),
                                    0));
                });
        return groups;
    }

    /** Blocks that a sequence of typical length keeps in this group. */
    private long blocksOfTypical(StepLimits limits) {
        long kept = Math.min(limits.positions(), TYPICAL_LENGTH);
        if (window > 0) {
            // the window, the chunk that is being computed, and the block that both cut
            kept = Math.min(kept, (long) window + limits.tokens());
        }
        return 1L + kept / blockTokens();
    }

    KvLayout layout() {
        return group.layout();
    }

    int blockTokens() {
        return group.blockTokens();
    }

    long blockBytes() {
        return group.layout().blockBytes();
    }

    long poolBytes() {
        return blocks * blockBytes();
    }

    /** Whether the pool has a block of this number. */
    boolean holds(int block) {
        return block >= 0 && block < blocks;
    }

    /**
     * Longest sequence that the pool can hold, in tokens. A window group has no limit, unless its
     * pool is so small that blocks would be wanted before the window has passed the first one.
     */
    int longestSequence() {
        int tokens = blocks * blockTokens();
        boolean rolls = window > 0 && tokens >= (long) window + 2L * blockTokens();
        return rolls ? Integer.MAX_VALUE : tokens;
    }

    /** First position that a query sees. */
    int firstVisible(int position) {
        return window == 0 ? 0 : Math.max(0, position - window + 1);
    }
}
