package dev.cairn.ports.cache;

import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.Timers;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Moves blocks between members, slice by slice.
 *
 * <p>Threads: one mailbox at a time; completions on any thread. No method waits. Flow control and
 * authentication are the transport's own; whatever arrives is verified by the receiver's core
 * before an engine sees it.
 */
public interface BlockTransport extends AutoCloseable {

    /** Short name for configuration and explanations: {@code "tcp"}, {@code "shared-memory"}. */
    String name();

    /** How peers reach this member, as they must be told. */
    String address();

    /** What other members may pull from here. Called by the transport, answers must not wait. */
    void serve(BlockSource source);

    /**
     * Pulls blocks from a peer.
     *
     * @param target one lease per key, {@link KvLayout#blockBytes} bytes each
     * @param progress hears of every slice that is complete in its lease, in any order
     * @return cancels; after that no lease is written any more once {@code progress.ended} was
     *     called
     */
    Timers.Cancellation pull(
            String peerAddress,
            List<BlockKey> keys,
            KvLayout layout,
            List<MemoryLease> target,
            PullProgress progress);

    /** What has been measured per peer address. */
    Map<String, TierRates> rates();

    @Override
    void close();

    /** Gives out blocks that this member holds or is making. */
    interface BlockSource {

        /**
         * Lends a block for sending until the completion's consumer closes its lease; empty where
         * it is not here.
         */
        void lend(BlockKey key, KvLayout layout, Completion<Optional<BlockBytes>> done);
    }

    /** Hears of a pull. */
    interface PullProgress {

        /**
         * @param block index into the pulled keys
         * @param layer index within the group
         * @param checksum CRC32C that the sender's core made for the slice
         */
        void sliceArrived(int block, int layer, int checksum);

        /** Nothing more comes. {@code failure} is empty if all slices of all keys arrived. */
        void ended(String failure);
    }
}
