package dev.cairn.core.testing;

import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of a fixed size that counts what is lent, and catches what is given back twice. */
public final class CountedLeases implements MemoryLease.Source {

    private final long capacity;
    private long lent;
    private long everLent;

    public CountedLeases(long capacity) {
        this.capacity = capacity;
    }

    public long lent() {
        return lent;
    }

    /** Bytes that were ever lent. */
    public long everLent() {
        return everLent;
    }

    @Override
    public MemoryLease tryLease(long bytes) {
        if (lent + bytes > capacity) {
            return null;
        }
        lent += bytes;
        everLent += bytes;
        MemorySegment segment = Arena.ofAuto().allocate(bytes, 64);
        return new MemoryLease() {
            private boolean closed;

            @Override
            public MemorySegment segment() {
                if (closed) {
                    throw new IllegalStateException("the lease is closed");
                }
                return segment;
            }

            @Override
            public void close() {
                if (closed) {
                    throw new IllegalStateException("the lease was closed twice");
                }
                closed = true;
                lent -= bytes;
            }
        };
    }

    @Override
    public long available() {
        return capacity - lent;
    }

    @Override
    public long capacity() {
        return capacity;
    }
}
