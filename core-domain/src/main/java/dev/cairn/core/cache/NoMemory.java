package dev.cairn.core.cache;

import dev.cairn.ports.system.MemoryLease;

/** A source that never has room. */
enum NoMemory implements MemoryLease.Source {
    INSTANCE;

    @Override
    public MemoryLease tryLease(long bytes) {
        return null;
    }

    @Override
    public long available() {
        return 0;
    }

    @Override
    public long capacity() {
        return 0;
    }
}
