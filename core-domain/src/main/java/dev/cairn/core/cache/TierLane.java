package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockTier;

/**
 * A tier as the cache sees it: what it takes, how fast it was lately, and how busy it is.
 *
 * <p>Threads: one mailbox owns it.
 */
final class TierLane {

    private final BlockTier tier;
    private final Rate perByte;

    private int inFlight;
    private long queuedBytes;
    private long busySince;
    private long busyNanos;
    private long movedBytes;

    TierLane(BlockTier tier) {
        this.tier = tier;
        double rate = tier.rates().readBytesPerSecond();
        this.perByte = new Rate(rate > 0 ? 1e9 / rate : 0);
    }

    BlockTier tier() {
        return tier;
    }

    String name() {
        return tier.name();
    }

    /** Predicted time until so many more bytes are in the device; 0 = never seen. */
    double nanos(long bytes) {
        return perByte.nanos(queuedBytes + bytes);
    }

    void promised(long bytes) {
        queuedBytes += bytes;
    }

    void begins(long nanos) {
        if (inFlight++ == 0) {
            busySince = nanos;
        }
    }

    /**
     * @param moved bytes that arrived; 0 if the read failed
     */
    void ended(long promised, long moved, long nanos) {
        queuedBytes -= promised;
        movedBytes += moved;
        if (--inFlight == 0) {
            busyNanos += nanos - busySince;
        }
    }

    /** A promise that is not kept: the read never begins. */
    void withdrawn(long bytes) {
        queuedBytes -= bytes;
    }

    long busyNanos(long nanos) {
        return busyNanos + (inFlight > 0 ? nanos - busySince : 0);
    }

    long movedBytes() {
        return movedBytes;
    }

    void saw(long bytes, long nanos) {
        perByte.saw(bytes, nanos);
    }
}
