package dev.cairn.ports.system;

import java.lang.foreign.MemorySegment;

/**
 * Off-heap bytes that somebody else owns, for as long as the lease is held. Never another's {@code
 * Arena}: the owner may hand out parts of a slab, of a mapped file or of pinned memory.
 *
 * <p>Threads: the segment may be used from any thread until {@link #close}; closing twice is an
 * error of the caller that implementations report.
 */
public interface MemoryLease extends AutoCloseable {

    /** The bytes; invalid after {@link #close}. */
    MemorySegment segment();

    /** Gives the bytes back. */
    @Override
    void close();

    /** The same lease, which tells when it has been given back. */
    default MemoryLease andThen(Runnable closed) {
        MemoryLease lease = this;
        return new MemoryLease() {
            @Override
            public MemorySegment segment() {
                return lease.segment();
            }

            @Override
            public void close() {
                lease.close();
                closed.run();
            }
        };
    }

    /** Where leases come from: a pool of fixed size, so memory stays bounded. */
    interface Source {

        /**
         * Takes {@code bytes} bytes aligned to 64, or nothing when the pool has no room; never
         * waits.
         *
         * @return the lease, or null when there is no room now
         */
        MemoryLease tryLease(long bytes);

        /** Bytes that could still be leased, and bytes in all. */
        long available();

        long capacity();
    }
}
