package dev.cairn.storage.slots;

import java.util.Arrays;

/**
 * Doubly linked lists threaded through the slots; a slot is in one of them at most.
 *
 * <p>Threads: the tier's lock.
 */
final class SlotLists {

    private static final byte NOWHERE = -1;

    private final Slots slots;
    private final int[] warmest;
    private final int[] coldest;
    private final int[] sizes;

    SlotLists(Slots slots, int lists) {
        this.slots = slots;
        warmest = new int[lists];
        coldest = new int[lists];
        sizes = new int[lists];
        Arrays.fill(warmest, Slots.NONE);
        Arrays.fill(coldest, Slots.NONE);
    }

    int coldest(int list) {
        return coldest[list];
    }

    int size(int list) {
        return sizes[list];
    }

    int lists() {
        return sizes.length;
    }

    int listOf(int slot) {
        return slots.extent(slot).list[Slots.placeOf(slot)];
    }

    /** The next warmer one. */
    int warmerThan(int slot) {
        return slots.extent(slot).previous[Slots.placeOf(slot)];
    }

    void addWarmest(int list, int slot) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        extent.list[place] = (byte) list;
        extent.previous[place] = Slots.NONE;
        extent.next[place] = warmest[list];
        if (warmest[list] == Slots.NONE) {
            coldest[list] = slot;
        } else {
            slots.extent(warmest[list]).previous[Slots.placeOf(warmest[list])] = slot;
        }
        warmest[list] = slot;
        sizes[list]++;
    }

    void remove(int slot) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        int list = extent.list[place];
        int previous = extent.previous[place];
        int next = extent.next[place];
        if (previous == Slots.NONE) {
            warmest[list] = next;
        } else {
            slots.extent(previous).next[Slots.placeOf(previous)] = next;
        }
        if (next == Slots.NONE) {
            coldest[list] = previous;
        } else {
            slots.extent(next).previous[Slots.placeOf(next)] = previous;
        }
        extent.list[place] = NOWHERE;
        sizes[list]--;
    }

    void move(int slot, int toList) {
        remove(slot);
        addWarmest(toList, slot);
    }
}
