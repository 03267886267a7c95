package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPlace;
import dev.cairn.core.block.BlockPool;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.KvLayout;
import java.util.ArrayList;
import java.util.List;

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

    /** Parts that whoever receives them copies into the device. */
    final List<Slices> straight = new ArrayList<>();

    /** With which its slices came; 0 where they have not yet. */
    final int[] checksums;

    /** Layers that are not in the device yet. */
    int missingLayers;

    /** Where its tier lends it; null = it does not, or was not asked yet. */
    private BlockBytes loan;

    /** Whether its slices go through the reader's memory. */
    private boolean isRead;

    /** Parts of it that are to come and have not come to their end. */
    private int open;

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

    /** One part more that is to come. */
    void opens() {
        open++;
    }

    /** A part came, or will not; after the last one the tier has its bytes back. */
    void closes() {
        if (--open == 0 && loan != null) {
            loan.bytes().close();
            loan = null;
        }
    }

    /** Its bytes where they lie in the tier; null = they must be read. */
    BlockBytes borrow(KvLayout layout) {
        if (loan == null && !isRead) {
            loan = hasPlace() ? lane.borrow(key, layout) : null;
            isRead = loan == null;
        }
        return isRead ? null : loan;
    }

    /** What the tier lent is not what it should be: the tier is to see for itself. */
    void mustBeRead() {
        isRead = true;
    }

    int group() {
        return key.group();
    }

    boolean hasPlace() {
        return block != BlockPool.NONE;
    }
}
