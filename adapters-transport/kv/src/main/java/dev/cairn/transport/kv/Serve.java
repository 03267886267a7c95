package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import java.nio.ByteBuffer;

/** A peer's request, block by block. Threads: those of its connection, under its lock. */
final class Serve {

    private final int request;
    private final Range range;
    private final BlockHash[] hashes;
    private int next;
    private int left;
    private boolean cancelled;

    /**
     * @param body the blocks' hashes
     */
    Serve(int request, Range range, int count, ByteBuffer body) {
        this.request = request;
        this.range = range;
        this.hashes = new BlockHash[count];
        this.left = count;
        for (int i = 0; i < count; i++) {
            hashes[i] = Wire.hash(body);
        }
    }

    int request() {
        return request;
    }

    Range range() {
        return range;
    }

    int size() {
        return hashes.length;
    }

    boolean hasNext() {
        return !cancelled && next < hashes.length;
    }

    /** The next block that is to be lent. */
    int next() {
        return next++;
    }

    BlockKey key(int block) {
        BlockKind kind = range.kind();
        return new BlockKey(kind.model(), kind.identity(), kind.group(), hashes[block]);
    }

    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    /**
     * @return whether it was the last one
     */
    boolean settle() {
        return --left == 0;
    }
}
