package dev.cairn.storage.slots;

/**
 * S3-FIFO: new blocks wait in a small queue and pass into the main one if they are used there; who
 * left the small queue unused is remembered for a while and, coming back, goes straight into the
 * main one.
 */
final class ThreeQueueOrder implements EvictionOrder {

    private static final int SMALL = 0;
    private static final int MAIN = 1;

    /** The small queue's part of all blocks is one in so many. */
    private static final int SMALL_PART = 10;

    private static final int MOST_USES = 3;

    private final Slots slots;
    private final SlotLists lists;
    private final Ghosts ghosts = new Ghosts();

    ThreeQueueOrder(Slots slots) {
        this.slots = slots;
        this.lists = new SlotLists(slots, 2);
    }

    @Override
    public void added(int slot) {
        uses(slot, 0);
        boolean known = ghosts.contains(slots.fingerprint(slot), lists.size(MAIN));
        lists.addWarmest(known ? MAIN : SMALL, slot);
    }

    @Override
    public void touched(int slot) {
        uses(slot, Math.min(uses(slot) + 1, MOST_USES));
    }

    @Override
    public void removed(int slot) {
        if (lists.listOf(slot) == SMALL) {
            ghosts.add(slots.fingerprint(slot));
        }
        lists.remove(slot);
    }

    @Override
    public int victim(Busy busy) {
        long all = (long) lists.size(SMALL) + lists.size(MAIN);
        // A block is passed over once per use at most, and once on its way to the main queue.
        for (long looks = (MOST_USES + 2) * all; looks > 0; looks--) {
            boolean small =
                    lists.size(SMALL) > 0
                            && (lists.size(MAIN) == 0
                                    || (long) lists.size(SMALL) * SMALL_PART > all);
            int slot = lists.coldest(small ? SMALL : MAIN);
            if (uses(slot) == 0 && !busy.isBusy(slot)) {
                return slot;
            }
            uses(slot, small ? 0 : Math.max(uses(slot) - 1, 0));
            lists.move(slot, MAIN);
        }
        return Slots.NONE;
    }

    private int uses(int slot) {
        return slots.extent(slot).frequency[Slots.placeOf(slot)];
    }

    private void uses(int slot, int uses) {
        slots.extent(slot).frequency[Slots.placeOf(slot)] = (byte) uses;
    }

    /**
     * Fingerprints of blocks that left, each in the one place that it hashes to. A later one may
     * push it out; forgetting a ghost costs a little of the order's cleverness and nothing else.
     */
    private static final class Ghosts {

        private static final int PLACES = 1 << 14;

        private final long[] fingerprints = new long[PLACES];
        private final long[] since = new long[PLACES];
        private long count = 1;

        void add(long fingerprint) {
            int place = (int) fingerprint & PLACES - 1;
            fingerprints[place] = fingerprint;
            since[place] = count++;
        }

        boolean contains(long fingerprint, int remembered) {
            int place = (int) fingerprint & PLACES - 1;
            return since[place] > 0
                    && fingerprints[place] == fingerprint
                    && count - since[place] <= Math.max(remembered, 64);
        }
    }
}
