package dev.cairn.core.split;

import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.cache.PromptBlocks.PlacedBlock;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

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
     * Asks a worker which blocks its cache has for a request's prompt.
     *
     * @param told empty if the worker does not know now; on its thread
     */
    static void find(
            GenerationBackend worker,
            GenerationRequest request,
            Consumer<Optional<PromptBlocks>> told) {
        worker.cache()
                .orElseThrow()
                .lookup(
                        request.prompt(),
                        request.cacheSalt(),
                        new Completion<>() {
                            @Override
                            public void completed(PromptBlocks blocks) {
                                told.accept(Optional.of(blocks));
                            }

                            @Override
                            public void failed(Throwable failure) {
                                told.accept(Optional.empty());
                            }
                        });
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
