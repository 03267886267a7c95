package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.cache.CacheStatus;
import dev.cairn.ports.cache.ClearOrder;
import dev.cairn.ports.cache.PinLabel;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.system.Completion;
import java.util.Map;
import java.util.Optional;

/**
 * What an administrator asks of one engine's cache, see {@link dev.cairn.ports.cache.CacheControl}.
 */
public sealed interface CacheOrder {

    /** Hears what came of it, or why it was refused. */
    Completion<?> done();

    /**
     * @param model served name
     */
    record Status(String model, Completion<CacheStatus> done) implements CacheOrder {}

    record Lookup(int[] prompt, String tenant, Completion<PromptBlocks> done)
            implements CacheOrder {}

    record Pin(
            int[] prompt,
            String tenant,
            Optional<String> tier,
            boolean pinned,
            Completion<BlockTally> done)
            implements CacheOrder {}

    /** Pins under a name. */
    record PinAs(
            PinLabel label,
            int[] prompt,
            String tenant,
            Optional<String> tier,
            Completion<BlockTally> done)
            implements CacheOrder {}

    record Unpin(String name, String tenant, Completion<BlockTally> done) implements CacheOrder {}

    record Move(int[] prompt, String tenant, String from, String to, Completion<BlockTally> done)
            implements CacheOrder {}

    record Clear(ClearOrder order, Completion<Map<String, Integer>> done) implements CacheOrder {}

    record WriteBack(Completion<Integer> done) implements CacheOrder {}

    record Settled(Completion<Void> done) implements CacheOrder {}
}
