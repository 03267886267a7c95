package dev.cairn.ports.cache;

import java.util.List;

/**
 * Who holds which blocks. Hints only: an entry may be stale, and what is fetched on its word is
 * verified.
 *
 * <p>Threads: any. Lookups read a local replica; announcements are queued and may be lost, which
 * repair makes good. No method waits for another member.
 */
public interface BlockDirectory extends AutoCloseable {

    /** This member now holds the blocks in the named tier. */
    void announce(List<BlockKey> keys, String tier);

    /** This member holds them no longer. */
    void withdraw(List<BlockKey> keys, String tier);

    /**
     * Other members that hold the block; empty where nobody is known. Reads a local replica and
     * never waits.
     */
    List<BlockHolder> holders(BlockKey key);

    @Override
    void close();

    /**
     * @param member {@code dev.cairn.ports.fleet.Member#id}
     * @param tier name of the tier there
     */
    record BlockHolder(String member, String tier) {}
}
