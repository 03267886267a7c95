package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPlace;
import dev.cairn.core.block.BlockPool;
import dev.cairn.ports.cache.BlockKey;

/**
 * One block on its way from a tier to the device, whole or slice by slice. Threads: one mailbox
 * owns it.
 */
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

    /** Copies into the device that run. */
    int restoring;

    /** With which its slices came; 0 where they have not yet. */
    final int[] checksums;

    /** Layers that are not in the device yet. */
    int missingLayers;

    Piece(Onboarding onboarding, FetchPlan.Missing missing, int layers, int block, int[] tokens) {
        this.onboarding = onboarding;
        this.place = missing.place();
        this.key = missing.key();
        this.lane = missing.lane();
        this.bytes = missing.bytes();
        this.missingLayers = layers;
        this.checksums = new int[layers];
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
