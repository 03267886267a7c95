package dev.cairn.storage.slots;

/** By last use, or by age alone. */
final class RecencyOrder implements EvictionOrder {

    private final SlotLists lists;
    private final boolean usesCount;

    RecencyOrder(Slots slots, boolean usesCount) {
        this.lists = new SlotLists(slots, 1);
        this.usesCount = usesCount;
    }

    @Override
    public void added(int slot) {
        lists.addWarmest(0, slot);
    }

    @Override
    public void touched(int slot) {
        if (usesCount) {
            lists.move(slot, 0);
        }
    }

    @Override
    public void removed(int slot) {
        lists.remove(slot);
    }

    @Override
    public int victim(Busy busy) {
        int slot = lists.coldest(0);
        while (slot != Slots.NONE && busy.isBusy(slot)) {
            slot = lists.warmerThan(slot);
        }
        return slot;
    }
}
