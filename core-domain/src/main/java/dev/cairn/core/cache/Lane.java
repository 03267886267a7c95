package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier.GetOutcomes;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.TierRates;
import java.util.List;

/**
 * A place that blocks are fetched from, as the cache sees it: how fast it was lately, and how busy
 * it is.
 *
 * <p>Threads: one mailbox owns it.
 */
abstract sealed class Lane permits TierLane, PeerLane {

    private final Rate perByte;

    private int inFlight;
    private long queuedBytes;
    private long busySince;
    private long busyNanos;
    private long movedBytes;
    private volatile boolean quarantined;

    /**
     * @param measured by the place itself; zeros where nothing was
     */
    Lane(TierRates measured) {
        double rate = measured.readBytesPerSecond();
        this.perByte = new Rate(rate > 0 ? 1e9 / rate : 0);
    }

    /** The tier's name in configuration and metrics. */
    abstract String name();

    /** Whether slices of the block can be had one by one, without reading all of it for each. */
    abstract boolean readsSlices(BlockKey key);

    /** Slices of a block are had in parts of at least so many bytes. */
    abstract long leastReadBytes();

    /** As {@code BlockTier#get}. */
    abstract void get(List<BlockRead> reads, GetOutcomes outcomes);

    /** As {@code BlockTier#borrow}; null = must be read. */
    abstract BlockBytes borrow(BlockKey key, KvLayout layout);

    /** Whether those who receive what is read from it have time to copy it into the device. */
    abstract boolean goesStraight();

    /** What it is called in a log. */
    abstract String where();

    /** Whether nothing is read from it, because a block of it was wrong. */
    final boolean isQuarantined() {
        return quarantined;
    }

    final void quarantine(boolean isWrong) {
        quarantined = isWrong;
    }

    /** A read of it ended. */
    abstract void answered(BlockKey key, GetOutcome outcome, long nanos);

    /** Predicted time until so many more bytes are in the device; 0 = never seen. */
    final double nanos(long bytes) {
        return perByte.nanos(queuedBytes + bytes);
    }

    final void promised(long bytes) {
        queuedBytes += bytes;
    }

    final void begins(long nanos) {
        if (inFlight++ == 0) {
            busySince = nanos;
        }
    }

    /**
     * @param moved bytes that arrived; 0 if the read failed
     */
    final void ended(long promised, long moved, long nanos) {
        queuedBytes -= promised;
        movedBytes += moved;
        if (--inFlight == 0) {
            busyNanos += nanos - busySince;
        }
    }

    /** A promise that is not kept: the read never begins. */
    final void withdrawn(long bytes) {
        queuedBytes -= bytes;
    }

    final long busyNanos(long nanos) {
        return busyNanos + (inFlight > 0 ? nanos - busySince : 0);
    }

    final long movedBytes() {
        return movedBytes;
    }

    final void saw(long bytes, long nanos) {
        perByte.saw(bytes, nanos);
    }
}
