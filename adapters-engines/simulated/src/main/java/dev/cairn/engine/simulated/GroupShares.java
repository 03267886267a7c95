package dev.cairn.engine.simulated;

import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's layer groups and the blocks that each gets of the cache: so many that all run out
 * together under sequences of the longest length.
 *
 * @param blocks one per group; both are empty if the cache holds not one block of each
 */
record GroupShares(List<LayerGroup> groups, List<Integer> blocks) {

    /** Layers that keep the same tokens in rows of the same shape. */
    private record Kind(StateKind state, int heads, int headSize) {}

    static GroupShares of(ModelArchitecture model, KvType type, RunnerOptions options) {
        List<LayerGroup> groups = groups(model, type, options.blockTokens());
        double bytes = 0;
        for (LayerGroup group : groups) {
            bytes += (double) typical(group, options) * group.layout().blockBytes();
        }
        List<Integer> blocks = new ArrayList<>();
        for (LayerGroup group : groups) {
            double share = options.cacheBytes() / bytes * typical(group, options);
            int most = Integer.MAX_VALUE / options.blockTokens();
            if (share < 1) {
                return new GroupShares(List.of(), List.of());
            }
            blocks.add((int) Math.min(share, most));
        }
        return new GroupShares(groups, blocks);
    }

    private static List<LayerGroup> groups(ModelArchitecture model, KvType type, int blockTokens) {
        Map<Kind, List<Integer>> kinds = new LinkedHashMap<>();
        for (int layer = 0; layer < model.layers().size(); layer++) {
            AttentionArchitecture attention = model.layers().get(layer).attention();
            StateKind state =
                    attention.window().isPresent()
                            ? new StateKind.SlidingWindow(attention.window().getAsInt())
                            : new StateKind.FullAttention();
            Kind kind = new Kind(state, attention.keyValueHeads(), attention.headSize());
            kinds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(layer);
        }
        List<LayerGroup> groups = new ArrayList<>();
        kinds.forEach(
                (kind, layers) ->
                        groups.add(
                                new LayerGroup(
                                        groups.size(),
                                        kind.state(),
                                        layers,
                                        new KvLayout(
                                                layers.size(),
                                                blockTokens,
                                                kind.heads(),
                                                kind.headSize(),
                                                type))));
        return groups;
    }

    /** Blocks of a long sequence in a group. */
    private static long typical(LayerGroup group, RunnerOptions options) {
        long kept =
                switch (group.kind()) {
                    case StateKind.FullAttention() -> options.maxModelLength();
                    case StateKind.SlidingWindow(int window) ->
                            Math.min(
                                    options.maxModelLength(),
                                    (long) window + options.maxTokensPerStep());
                    case StateKind.Recurrent() -> 1;
                };
        return 1 + kept / options.blockTokens();
    }
}
