package dev.cairn.ports.cache;

import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.util.List;

/**
 * A place where KV blocks outlive device memory: host slab, disk, object store.
 *
 * <p>Threads: called by one mailbox at a time; a completion may come on any thread, also before the
 * call returns. No method waits.
 *
 * <p>Memory: the caller keeps every lease that it passes until the completion has run. A tier's own
 * memory is bounded by its configuration.
 */
public interface BlockTier extends AutoCloseable {

    /** The name that configuration and metrics use, for example {@code "disk"}. */
    String name();

    /** Bytes that fit in all, and bytes held now. */
    long capacityBytes();

    long usedBytes();

    TierRates rates();

    /**
     * Whether the block is believed to be here; cheap, from an index in memory, may be wrong in
     * either direction.
     */
    boolean contains(BlockKey key);

    /**
     * Starts to store one block.
     *
     * @param tenant digest that quotas are counted under; empty string = none
     * @param done an outcome for every put, never a failure
     */
    void put(BlockKey key, BlockBytes block, String tenant, Completion<PutOutcome> done);

    /**
     * Starts to read one block into the caller's memory.
     *
     * @param target {@link KvLayout#blockBytes} bytes at least
     * @param done an outcome for every get, never a failure; the caller verifies the checksums
     */
    void get(BlockKey key, KvLayout layout, MemoryLease target, Completion<GetOutcome> done);

    /**
     * Forgets blocks; unknown keys are fine. After the completion they are not found again, also
     * after a restart.
     */
    void remove(List<BlockKey> keys, Completion<Integer> removed);

    /** Pinned blocks are not evicted; pins of a tier survive pressure, not {@link #remove}. */
    void pin(BlockKey key, boolean pinned);

    /** Writes what is queued and gives memory back; called once, at the end. */
    @Override
    void close();
}
