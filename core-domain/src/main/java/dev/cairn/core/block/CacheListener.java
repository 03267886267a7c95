package dev.cairn.core.block;

import dev.cairn.ports.cache.KvEvent;
import java.util.List;

/** Hears what a prefix cache gained and lost, in the mailbox's turn; never waits. */
@FunctionalInterface
public interface CacheListener {

    /** Hears nothing, and costs nothing. */
    CacheListener NONE = _ -> {};

    /** One and then the other; nobody, where neither is somebody. */
    static CacheListener both(CacheListener first, CacheListener second) {
        if (first == NONE) {
            return second;
        }
        return second == NONE
                ? first
                : batch -> {
                    first.on(batch);
                    second.on(batch);
                };
    }

    /**
     * @param batch what happened in one turn, in order; not empty
     */
    void on(List<KvEvent> batch);
}
