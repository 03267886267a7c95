package dev.cairn.ports.request;

import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.CacheStatus;
import dev.cairn.ports.cache.ClearOrder;
import dev.cairn.ports.cache.PinLabel;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The caches of a whole server, for who administers them: {@link CacheControl} of every model, by
 * model names and prompts as clients write them.
 *
 * <p>Threads: any; methods render and encode on the caller's thread and never wait. Completions
 * come on any thread. Whatever is wrong with a question is a {@link RequestRefused}, thrown or as
 * the completion's failure.
 */
public interface CacheService {

    /** How the name of a peer begins where places are named; {@code Member#id} follows. */
    String PEER = "peer:";

    void status(Completion<CacheStatus> done);

    void lookup(CachedPrompt prompt, Completion<PromptBlocks> done);

    /** As {@link CacheControl#pin}. */
    void pin(
            CachedPrompt prompt,
            Optional<String> tier,
            boolean pinned,
            Completion<BlockTally> done);

    /** As {@link CacheControl#pinAs}. */
    void pinAs(
            PinLabel label,
            CachedPrompt prompt,
            Optional<String> tier,
            Completion<BlockTally> done);

    /** As {@link CacheControl#unpin}, of every model. */
    void unpin(String name, String tenant, Completion<BlockTally> done);

    /**
     * As {@link CacheControl#move}; {@code to} may also be {@link #PEER} and a member, who then
     * takes the blocks that lie in any tier here, whatever {@code from} says.
     */
    void move(CachedPrompt prompt, String from, String to, Completion<BlockTally> done);

    /**
     * As {@link CacheControl#clear}.
     *
     * @param model served name; empty = blocks of every model, {@code order.ownModel} being false
     */
    void clear(Optional<String> model, ClearOrder order, Completion<Map<String, Integer>> done);

    /**
     * Hands the blocks that would be missed most to other members, and takes no new work.
     *
     * @param done what became of them, as an object for people
     */
    void drain(Duration atMost, Completion<JsonObject> done);
}
