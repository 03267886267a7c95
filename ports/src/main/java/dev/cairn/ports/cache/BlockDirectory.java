package dev.cairn.ports.cache;

import dev.cairn.ports.system.Completion;
import java.util.List;

/**
 * Who holds which blocks. Hints only: an entry may be stale, and what is fetched on its word is
 * verified.
 *
 * <p>Threads: one mailbox at a time. Lookups read a local replica and complete at once;
 * announcements are queued and may be lost, which repair makes good.
 */
public interface BlockDirectory extends AutoCloseable {

    /** This member now holds the blocks in the named tier. */
    void announce(List<BlockKey> keys, String tier);

    /** This member holds them no longer. */
    void withdraw(List<BlockKey> keys, String tier);

    /** Holders per key, in the order of {@code keys}; an empty list where nobody is known. */
    void holders(List<BlockKey> keys, Completion<List<List<BlockHolder>>> done);

    @Override
    void close();

    /**
     * @param member {@code dev.cairn.ports.fleet.Member#id}
     * @param tier name of the tier there
     */
    record BlockHolder(String member, String tier) {}
}
