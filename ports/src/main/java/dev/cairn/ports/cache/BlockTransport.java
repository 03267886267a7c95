package dev.cairn.ports.cache;

import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Moves blocks between members. To whoever pulls, a peer looks like a {@link BlockTier} that is
 * read: the checksums that the sender's core made travel with the slices, and the transport
 * verifies each slice against its own after it came to lie in the reader's memory, before it
 * reports it. Nobody needs to verify it again.
 *
 * <p>Connections, flow control, authentication, time limits and which way the bytes take (network
 * or memory that both processes map) are the transport's own. Whatever a peer does (dies, stalls,
 * lies), the caller hears outcomes within the configured time, never an exception.
 *
 * <p>Threads: any, several at a time; outcomes come on any thread, also before the call returns,
 * and their receivers only hand them on. No method waits.
 *
 * <p>Memory: the caller of {@link #pull} keeps every lease and list that it passes, unchanged,
 * until each block's end was heard.
 */
public interface BlockTransport extends AutoCloseable {

    /** Short name for configuration and members' addresses: {@code "kv"}. */
    String name();

    /** How peers reach this member, as they must be told: {@code host:port}. */
    String address();

    /** What other members may pull from here; called once, until then they find nothing. */
    void serve(BlockSource source);

    /**
     * Starts to pull blocks, or some layers of them, from a peer into the caller's memory. Every
     * block ends once:
     *
     * <ul>
     *   <li>{@code FOUND}: all its slices are in place and verified
     *   <li>{@code ABSENT}: the peer does not hold it (any longer)
     *   <li>{@code REFUSED}: the peer does not know our key, or holds blocks of another model,
     *       compute identity or layout; logged once with what differs
     *   <li>{@code DAMAGED}: a slice did not match its checksum
     *   <li>{@code BUSY}: the peer serves as many pulls as it may, or too many wait here
     *   <li>{@code FAILED}: no answer in time, the connection broke, the peer is {@linkplain
     *       PeerState#avoided avoided} for now, or the pull was cancelled
     * </ul>
     *
     * @param peerAddress what the peer's {@link #address} said
     * @param outcomes hears of slices as they arrive, and once of every block's end, in any order
     * @return cancels: the blocks that have not ended end soon, and what has ended is not written
     */
    Timers.Cancellation pull(
            String peerAddress, List<BlockRead> blocks, BlockTier.GetOutcomes outcomes);

    /** What is known of a peer; nothing measured and not avoided if it was never asked. Cheap. */
    PeerState peer(String peerAddress);

    /** Every peer that was asked lately, by its address. */
    Map<String, PeerState> peers();

    /** Ends every pull and every serve; leases that were lent are closed when it returns. */
    @Override
    void close();

    /** Gives out blocks that this member holds. */
    interface BlockSource {

        /**
         * What can be asked of this member. A pull of another kind is refused with what differs.
         * Called often, from any thread; must not wait.
         */
        List<BlockKind> kinds();

        /**
         * Lends a block for sending until the transport closes its lease, which it does within the
         * time given, whatever the peer does. Called from any thread; must not wait.
         *
         * @param atMost after which the bytes may be gone; what is sent then is caught by the
         *     receiver's verification
         * @param done hears the block with the checksums that were made when it left its device, or
         *     empty where it is not here; on any thread, also before this method returns
         */
        void lend(
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done);
    }

    /**
     * @param rates what pulls from it took lately; zeros where nothing was measured
     * @param avoided it failed a short while ago, and pulls end as {@code FAILED} at once until it
     *     is tried again
     * @param path how its bytes come: {@code "tcp"}, {@code "tls"}, {@code "shared-memory"}; empty
     *     string = not connected
     */
    record PeerState(TierRates rates, boolean avoided, String path) {

        public static final PeerState UNKNOWN = new PeerState(new TierRates(0, 0, 0), false, "");
    }
}
