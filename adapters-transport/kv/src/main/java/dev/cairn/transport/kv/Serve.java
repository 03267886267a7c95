package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import java.nio.ByteBuffer;

/** A peer's request, block by block. Threads: those of its connection, under its lock. */
final class Serve {

    private final int request;
    private final BlockKind kind;
    private final BlockHash[] hashes;
    private int next;
    private int left;
    private boolean cancelled;

    Serve(int request, BlockKind kind, int count, ByteBuffer body) {
        this.request = request;
        this.kind = kind;
        this.hashes = new BlockHash[count];
        this.left = count;
        for (int i = 0; i < count; i++) {
            hashes[i] = Wire.hash(body);
        }
    }

    int request() {
        return request;
    }

    BlockKind kind() {
        return kind;
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
