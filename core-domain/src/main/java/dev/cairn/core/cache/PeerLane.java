package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockDirectory.BlockHolder;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier.GetOutcomes;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Another member whose blocks can be pulled.
 *
 * <p>What the directory says of it is a hint. A peer that did not answer, refused, or gave damaged
 * bytes is avoided at once, twice as long every time in a row; a block that it did not have is not
 * asked of it again for a while.
 *
 * <p>Threads: one mailbox owns it.
 */
final class PeerLane extends Lane {

    /** All peers count as one tier in metrics; each has metrics of its own beside. */
    static final String NAME = "peer";

    private static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(60);

    /** A member that serves as many as it may has room again soon. */
    private static final long BUSY_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

    /** The directory needs a moment to say what left. */
    private static final long STALE_FOR = TimeUnit.SECONDS.toNanos(10);

    private static final int MOST_STALE = 4096;

    /** What a request for a slice costs by itself is little beside copying so much. */
    private static final long LEAST_READ_BYTES = 128 << 10;

    /** What lies in another tier of a member is read there, all of it for each of its slices. */
    private static final String LENT_WHERE_IT_LIES = "host";

    private final String member;
    private final String address;
    private final BlockDirectory directory;
    private final BlockTransport transport;
    private final PeerMeasures.OfPeer measures;
    private final Map<BlockKey, Long> absentUntil =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<BlockKey, Long> eldest) {
                    return size() > MOST_STALE;
                }
            };

    private boolean avoided;
    private boolean avoidedByTransport;
    private long avoidedUntil;
    private long nextPause = FIRST_PAUSE;

    /**
     * @param member its id
     * @param address of the transport there
     */
    PeerLane(String member, String address, PeerPorts ports, PeerMeasures.OfPeer measures) {
        super(ports.transport().peer(address).rates());
        this.member = member;
        this.address = address;
        this.directory = ports.directory();
        this.transport = ports.transport();
        this.measures = measures;
    }

    String address() {
        return address;
    }

    @Override
    String name() {
        return NAME;
    }

    @Override
    boolean readsSlices(BlockKey key) {
        for (BlockHolder holder : directory.holders(key)) {
            if (holder.member().equals(member) && holder.tier().equals(LENT_WHERE_IT_LIES)) {
                return true;
            }
        }
        return false;
    }

    @Override
    long leastReadBytes() {
        return LEAST_READ_BYTES;
    }

    @Override
    String where() {
        return "peer " + address;
    }

    @Override
    void get(List<BlockRead> reads, GetOutcomes outcomes) {
        transport.pull(address, reads, outcomes);
    }

    @Override
    boolean goesStraight() {
        return true;
    }

    @Override
    BlockBytes borrow(BlockKey key, KvLayout layout) {
        return null;
    }

    /** Whether the directory's word is worth a pull. */
    boolean mayHave(BlockKey key, long nanos) {
        Long until = absentUntil.get(key);
        return until == null || until - nanos <= 0;
    }

    /** A request asks at this time: what was avoided long enough is tried again. */
    void refresh(long nanos) {
        if (avoided && avoidedUntil - nanos <= 0) {
            avoided = false;
        }
        avoidedByTransport = transport.peer(address).avoided();
    }

    boolean isAvoided() {
        return avoided || avoidedByTransport;
    }

    @Override
    void answered(BlockKey key, GetOutcome outcome, long nanos) {
        measures.read(outcome);
        switch (outcome) {
            case FOUND -> {
                if (!avoided) {
                    nextPause = FIRST_PAUSE;
                }
            }
            case ABSENT -> absentUntil.put(key, nanos + STALE_FOR);
            case BUSY -> avoid(BUSY_PAUSE, nanos);
            case DAMAGED, FAILED, REFUSED -> trouble(nanos);
        }
    }

    private void trouble(long nanos) {
        // Many reads of one pull fail together: that is one failure.
        if (!avoided || avoidedUntil - nanos <= 0) {
            avoid(nextPause, nanos);
            nextPause = Math.min(2 * nextPause, LONGEST_PAUSE);
            measures.avoided();
        }
    }

    private void avoid(long pause, long nanos) {
        avoidedUntil = avoided ? Math.max(avoidedUntil, nanos + pause) : nanos + pause;
        avoided = true;
    }
}
