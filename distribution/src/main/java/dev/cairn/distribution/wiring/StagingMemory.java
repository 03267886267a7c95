package dev.cairn.distribution.wiring;

import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Off-heap memory of one size, through which KV blocks pass between a device and its tiers. Leases
 * are aligned to 4096 bytes, so that a disk can write them without a copy.
 *
 * <p>First fit over free runs, neighbours joined when they come back. Few leases are out at a time,
 * of as many sizes as models have layer groups.
 *
 * <p>Threads: any.
 */
final class StagingMemory implements MemoryLease.Source, AutoCloseable {

    private static final long ALIGNMENT = 4096;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment slab;

    /** Free runs: where each starts, and how long it is. */
    private final TreeMap<Long, Long> free = new TreeMap<>();

    private long available;

    StagingMemory(long bytes) {
        long capacity = Math.max(ALIGNMENT, bytes / ALIGNMENT * ALIGNMENT);
        slab = arena.allocate(capacity, ALIGNMENT);
        free.put(0L, capacity);
        available = capacity;
    }

    @Override
    public synchronized MemoryLease tryLease(long bytes) {
        long length = Math.ceilDiv(Math.max(1, bytes), ALIGNMENT) * ALIGNMENT;
        for (Map.Entry<Long, Long> run : free.entrySet()) {
            if (run.getValue() >= length) {
                long start = run.getKey();
                long rest = run.getValue() - length;
                free.remove(start);
                if (rest > 0) {
                    free.put(start + length, rest);
                }
                available -= length;
                return new Lease(start, length, slab.asSlice(start, bytes));
            }
        }
        return null;
    }

    private synchronized void giveBack(long start, long length) {
        long from = start;
        long to = start + length;
        Map.Entry<Long, Long> before = free.floorEntry(start);
        if (before != null && before.getKey() + before.getValue() == start) {
            from = before.getKey();
        }
        Long after = free.remove(to);
        free.put(from, to - from + (after == null ? 0 : after));
        available += length;
    }

    @Override
    public synchronized long available() {
        return available;
    }

    @Override
    public long capacity() {
        return slab.byteSize();
    }

    /** All of it, for devices that copy there. */
    MemorySegment memory() {
        return slab;
    }

    /** Gives the memory back; leases that are out become invalid. */
    @Override
    public void close() {
        arena.close();
    }

    private final class Lease implements MemoryLease {

        private final long start;
        private final long length;
        private final MemorySegment segment;
        private final AtomicBoolean closed = new AtomicBoolean();

        Lease(long start, long length, MemorySegment segment) {
            this.start = start;
            this.length = length;
            this.segment = segment;
        }

        @Override
        public MemorySegment segment() {
            return segment;
        }

        @Override
        public void close() {
            if (!closed.compareAndSet(false, true)) {
                throw new IllegalStateException("a lease of staging memory was closed twice");
            }
            giveBack(start, length);
        }
    }
}
