package dev.cairn.core.request;

import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What other members do for the caches of this one. Threads: any; no method waits. */
public interface CacheFleet {

    /** Hands the blocks that would be missed most to others, who are told to send no more work. */
    void drain(Duration atMost, Completion<JsonObject> done);

    /**
     * Lets a member take blocks.
     *
     * @param done those that lie there now, and here no longer
     */
    void move(Set<BlockKey> keys, String member, Completion<List<BlockKey>> done);
}
