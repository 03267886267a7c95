package dev.cairn.core.split;

import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.cache.PromptBlocks.PlacedBlock;
import dev.cairn.ports.engine.RunnerDescription;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which blocks of a prompt the one who writes the answer needs. */
final class PromptBlockList {

    private PromptBlockList() {}

    /**
     * A block of a prompt.
     *
     * @param end tokens up to its end
     * @param places where it lies here
     */
    record Part(BlockKey key, KvLayout layout, int end, List<String> places) {

        long bytes() {
            return layout.blockBytes();
        }
    }

    /**
     * Blocks in the order of the prompt. The last token is computed for its logits, so no block
     * that holds it is of use; of a window, what lies before it is of none either.
     */
    static List<Part> of(PromptBlocks blocks, RunnerDescription runner) {
        int reach = 0;
        for (PlacedBlock block : blocks.blocks()) {
            if (block.end() < blocks.tokens()) {
                reach = Math.max(reach, block.end());
            }
        }
        List<Part> parts = new ArrayList<>();
        for (PlacedBlock block : blocks.blocks()) {
            LayerGroup group = runner.groups().get(block.key().group());
            if (block.end() <= reach && isSeen(group, block, reach)) {
                parts.add(new Part(block.key(), group.layout(), block.end(), block.places()));
            }
        }
        parts.sort(Comparator.comparingInt(Part::end));
        return List.copyOf(parts);
    }

    private static boolean isSeen(LayerGroup group, PlacedBlock block, int reach) {
        return switch (group.kind()) {
            case StateKind.FullAttention() -> true;
            // A prefix may end one block earlier in another group: a block more than needed.
            case StateKind.SlidingWindow(int window) ->
                    block.end() > reach - window - group.blockTokens();
            case StateKind.Recurrent() -> block.end() == reach;
        };
    }
}
