package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPlace;
import dev.cairn.core.block.BlockPool;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.system.MemoryLease;

/** One block on its way from a tier to the device. Threads: one mailbox owns it. */
final class Piece {

    final Onboarding onboarding;
    final BlockPlace place;
    final BlockKey key;
    final Lane lane;
    final long bytes;

    /** What the block stands for. */
    final int[] tokens;

    /** Where it goes, held; NONE = nowhere: given back, or it is a probe. */
    int block;

    /** Staging memory while it is on its way. */
    MemoryLease lease;

    /** The read, with the checksums that it brings. */
    BlockRead read;

    boolean restoring;

    Piece(Onboarding onboarding, FetchPlan.Missing missing, int block, int[] tokens) {
        this.onboarding = onboarding;
        this.place = missing.place();
        this.key = missing.key();
        this.lane = missing.lane();
        this.bytes = missing.bytes();
        this.block = block;
        this.tokens = tokens;
    }

    int group() {
        return key.group();
    }

    boolean hasPlace() {
        return block != BlockPool.NONE;
    }
}
