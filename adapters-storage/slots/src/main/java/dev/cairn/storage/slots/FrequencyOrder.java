package dev.cairn.storage.slots;

/**
 * By number of uses, and among equals by last use. From time to time all numbers are halved, so
 * that what was popular once can leave.
 */
final class FrequencyOrder implements EvictionOrder {

    private static final int LEVELS = 64;

    /** Uses per block after which old uses count half. */
    private static final int HALVING = 16;

    private final SlotLists lists;
    private int blocks;
    private long uses;

    FrequencyOrder(Slots slots) {
        this.lists = new SlotLists(slots, LEVELS);
    }

    @Override
    public void added(int slot) {
        lists.addWarmest(0, slot);
        blocks++;
    }

    @Override
    public void touched(int slot) {
        lists.move(slot, Math.min(lists.listOf(slot) + 1, LEVELS - 1));
        if (++uses > (long) HALVING * blocks) {
            uses = 0;
            halve();
        }
    }

    /** Level by level from below, so that each block moves once and keeps its rank. */
    private void halve() {
        for (int level = 1; level < LEVELS; level++) {
            for (int left = lists.size(level); left > 0; left--) {
                lists.move(lists.coldest(level), level / 2);
            }
        }
    }

    @Override
    public void removed(int slot) {
        lists.remove(slot);
        blocks--;
    }

    @Override
    public int victim(Busy busy) {
        for (int level = 0; level < LEVELS; level++) {
            int slot = lists.coldest(level);
            while (slot != Slots.NONE && busy.isBusy(slot)) {
                slot = lists.warmerThan(slot);
            }
            if (slot != Slots.NONE) {
                return slot;
            }
        }
        return Slots.NONE;
    }
}
