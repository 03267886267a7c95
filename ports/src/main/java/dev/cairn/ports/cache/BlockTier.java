package dev.cairn.ports.cache;

import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A place where KV blocks outlive device memory: host slab, disk, object store.
 *
 * <p>Checksums are made once, by whoever takes a block from its device, and verified once, by
 * whoever reads it: a tier stores them unseen and verifies every slice after it came to lie in the
 * reader's memory. A tier that hands bytes on without copying them ({@link #lend}) leaves that to
 * the borrower.
 *
 * <p>What leaves when there is no room is the tier's decision, by its configuration; the core says
 * what must stay: {@link #pin} and {@link #hold}. Whatever the device does (full, slow, read-only,
 * damaged), the caller hears an outcome, never an exception.
 *
 * <p>Threads: any, several at a time; outcomes come on any thread, also before the call returns,
 * and their receivers only hand them on. No method waits for a device: what does not fit in the
 * tier's bounded queue is answered {@code BUSY} at once.
 *
 * <p>Memory: the caller keeps every lease and list that it passes, unchanged, until the last
 * outcome of the call. A tier's own memory is bounded by its configuration.
 */
public interface BlockTier extends AutoCloseable {

    /** The name that configuration and metrics use, for example {@code "disk"}. */
    String name();

    /** Bytes that fit in all, and bytes held now. */
    long capacityBytes();

    long usedBytes();

    TierRates rates();

    /** What happened since the tier was opened. */
    TierCounts counts();

    /** Whose blocks lie here, as far as the tier keeps account of it. */
    default TierHoldings holdings() {
        return TierHoldings.UNKNOWN;
    }

    /**
     * Whether the block is believed to be here; cheap, from an index in memory, may be wrong in
     * either direction.
     */
    boolean contains(BlockKey key);

    /**
     * Starts to store blocks.
     *
     * @param outcomes hears once of every block, in any order
     */
    void put(List<BlockWrite> blocks, PutOutcomes outcomes);

    /**
     * Whether reads may ask for some layer slices of a block, at hardly more cost than for all of
     * them; a tier that says no is only asked for whole blocks.
     */
    default boolean readsSlices() {
        return false;
    }

    /**
     * Bytes of slices that a read should ask for at least, where {@link #readsSlices}: smaller ones
     * cost more than overlapping them with computing gains.
     */
    default long leastReadBytes() {
        return 512 << 10;
    }

    /**
     * Starts to read blocks into the caller's memory.
     *
     * @param outcomes hears of slices as they arrive, and once of every block's end, in any order
     */
    void get(List<BlockRead> blocks, GetOutcomes outcomes);

    /**
     * Keeps a block from eviction for a while, so that what a lookup promised is there when it is
     * fetched. A later call replaces an earlier one; {@link Duration#ZERO} ends it.
     *
     * @return whether the block is here
     */
    boolean hold(BlockKey key, Duration atMost);

    /**
     * Lends the bytes where they lie, held for as long as the call says, for a transport that sends
     * without copying.
     *
     * @param atMost after which the tier may write something else there; the borrower closes the
     *     lease before, and whoever receives the bytes verifies them
     * @return empty if the block is not here, or this tier has nothing to lend and must be read
     */
    default Optional<BlockBytes> lend(BlockKey key, KvLayout layout, Duration atMost) {
        return Optional.empty();
    }

    /**
     * Lends the bytes where they lie to a reader in this process, who closes the lease whatever
     * happens: until then nothing else is written there, even if the block is removed. The reader
     * verifies each slice before it uses it; one that is wrong is read again by {@link #get}, so
     * that the tier sees it.
     *
     * @return empty if the block is not here, or this tier has nothing to lend and must be read
     */
    default Optional<BlockBytes> borrow(BlockKey key, KvLayout layout) {
        return Optional.empty();
    }

    /**
     * Room for a block in the tier's own memory: whoever writes the bytes there and then puts the
     * block, with this lease for its bytes, spares a copy. What must leave for it leaves now.
     *
     * @return a lease of {@link KvLayout#blockBytes} bytes, to be closed after the last outcome, or
     *     without a put, which gives the room back; empty if there is none, the block is here, or
     *     this tier keeps its blocks elsewhere: then {@link #put} it from other memory
     */
    default Optional<MemoryLease> room(BlockKey key, KvLayout layout, String tenant) {
        return Optional.empty();
    }

    /**
     * Pinned blocks are not evicted; pins survive pressure, and restarts where blocks do, not
     * {@link #remove}.
     *
     * @return whether the block is here; one that is not cannot be pinned
     */
    boolean pin(BlockKey key, boolean pinned);

    /**
     * Forgets blocks, pinned or not; unknown keys are fine. After the completion they are not found
     * again, also after a restart.
     *
     * @param removed how many there were
     */
    void remove(List<BlockKey> keys, Completion<Integer> removed);

    /** Forgets every block that is selected, as {@link #remove} does. */
    void clear(BlockSelection selection, Completion<Integer> removed);

    /**
     * Names everything that is here, for the directory after a start and for reports: whatever is
     * here all the time is named once, what comes or goes meanwhile perhaps.
     */
    void entries(Consumer<BlockEntry> each);

    /**
     * Names what would be missed most, so much of it as fits in a number of bytes: what was used
     * last comes first. A tier that keeps no account of use names what was stored last.
     */
    default List<BlockEntry> hottest(long bytes) {
        List<BlockEntry> newest = new ArrayList<>();
        entries(newest::add);
        newest.sort(Comparator.comparingLong(BlockEntry::storedEpochMillis).reversed());
        int end = 0;
        for (long room = bytes; end < newest.size(); end++) {
            room -= newest.get(end).layout().blockBytes();
            if (room < 0) {
                break;
            }
        }
        return newest.subList(0, end);
    }

    /** Who hears of blocks that leave without having been asked to. Set once, before use. */
    void listen(Departures listener);

    /** Writes what is queued and gives memory back; called once, at the end. */
    @Override
    void close();

    /** Hears what became of blocks that were to be stored. */
    interface PutOutcomes {

        /**
         * @param block index into the list that was passed
         */
        void stored(int block, PutOutcome outcome);
    }

    /** Hears what became of blocks that were to be read. */
    interface GetOutcomes {

        /**
         * A slice is in the reader's memory and its checksum holds, so it may be used although the
         * block is not complete; may be left out by a tier that reads blocks as a whole.
         *
         * @param block index into the list that was passed
         * @param layer index within the group
         */
        default void sliceArrived(int block, int layer) {}

        /**
         * Nothing more is written to the block's memory.
         *
         * @param block index into the list that was passed
         */
        void ended(int block, GetOutcome outcome);
    }

    /** Hears of blocks that are no longer here; must not call the tier. */
    interface Departures {

        void left(BlockKey key, Reason reason);

        /** Why a block left. */
        enum Reason {
            EVICTED,
            EXPIRED,
            DAMAGED
        }
    }
}
