package dev.cairn.core.route;

import dev.cairn.ports.cache.KvEvent;
import java.util.Optional;

/**
 * Makes one worker's events such as an index wants them, for example by hashes that a router
 * computes too.
 *
 * <p>Threads: the index's writer.
 */
public interface EventTranslation {

    /** Leaves events as they are. */
    static EventTranslation none() {
        return new EventTranslation() {
            @Override
            public Optional<KvEvent> translate(KvEvent event) {
                return Optional.of(event);
            }

            @Override
            public void begin() {}
        };
    }

    /** The event in other words; empty if it says nothing that can be known. */
    Optional<KvEvent> translate(KvEvent event);

    /** The worker begins anew, with nothing. */
    void begin();
}
