package dev.cairn.core.cache;

/**
 * What one waiting request will begin with, on its way from slow tiers and peers to the fastest
 * tier. Threads: one mailbox owns it.
 */
public final class Prefetch {

    private final Prefetches all;
    private long bytes;
    private boolean ended;

    Prefetch(Prefetches all) {
        this.all = all;
    }

    void add(long ofBlock) {
        bytes += ofBlock;
    }

    /** The request begins, or is gone: what has not been begun is left where it is. */
    public void end() {
        if (!ended) {
            ended = true;
            all.ended(bytes);
        }
    }

    boolean hasEnded() {
        return ended;
    }
}
