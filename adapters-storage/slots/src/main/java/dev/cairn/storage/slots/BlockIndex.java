package dev.cairn.storage.slots;

import java.util.Arrays;

/**
 * From a block's family and hash to its slot: open addressing with linear probing over {@code int},
 * half full at most.
 *
 * <p>Threads: the tier's lock.
 */
final class BlockIndex {

    private final Slots slots;
    private int[] table = new int[1024];
    private int size;

    BlockIndex(Slots slots) {
        this.slots = slots;
        Arrays.fill(table, Slots.NONE);
    }

    int size() {
        return size;
    }

    int find(int family, long a, long b, long c, long d) {
        int mask = table.length - 1;
        int at = (int) Slots.fingerprint(family, a) & mask;
        while (table[at] != Slots.NONE) {
            if (slots.holds(table[at], family, a, b, c, d)) {
                return table[at];
            }
            at = at + 1 & mask;
        }
        return Slots.NONE;
    }

    void add(int slot) {
        if (2 * (size + 1) > table.length) {
            grow();
        }
        place(slot);
        size++;
    }

    private void place(int slot) {
        int mask = table.length - 1;
        int at = (int) slots.fingerprint(slot) & mask;
        while (table[at] != Slots.NONE) {
            at = at + 1 & mask;
        }
        table[at] = slot;
    }

    private void grow() {
        int[] old = table;
        table = new int[2 * old.length];
        Arrays.fill(table, Slots.NONE);
        for (int slot : old) {
            if (slot != Slots.NONE) {
                place(slot);
            }
        }
    }

    /** Takes a slot out and closes the gap, so that no probe ends early. */
    void remove(int slot) {
        int mask = table.length - 1;
        int gap = (int) slots.fingerprint(slot) & mask;
        while (table[gap] != slot) {
            gap = gap + 1 & mask;
        }
        int at = gap;
        while (true) {
            at = at + 1 & mask;
            if (table[at] == Slots.NONE) {
                break;
            }
            int home = (int) slots.fingerprint(table[at]) & mask;
            // An entry may fill the gap unless its home lies cyclically after the gap.
            if ((at - home & mask) >= (at - gap & mask)) {
                table[gap] = table[at];
                gap = at;
            }
        }
        table[gap] = Slots.NONE;
        size--;
    }
}
