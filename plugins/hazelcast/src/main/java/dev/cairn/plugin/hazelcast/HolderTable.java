package dev.cairn.plugin.hazelcast;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which holders a block has: open addressing over one {@code long[]}, three longs a slot (the
 * block's digest and up to four holders of 16 bits). A block with more holders has further slots.
 * Slots lie in the order of their digests' top bits, so that a bucket is a stretch of the table.
 *
 * <p>Threads: one writer at a time; {@link #holders} from any thread beside it, without a lock. A
 * reader may miss an entry that moves under its eyes: what it gets are hints.
 */
final class HolderTable {

    private static final int HOLDERS = 4;
    private static final int HOLDER_BITS = 16;
    private static final long HOLDER_MASK = (1L << HOLDER_BITS) - 1;
    private static final int LONGS = 3;
    private static final int SMALLEST = 1 << 10;
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    /** Sees the entries of a bucket. */
    @FunctionalInterface
    interface Visitor {

        void entry(long high, long low, int holder);
    }

    /** Chooses holders. */
    @FunctionalInterface
    interface HolderTest {

        boolean test(int holder);
    }

    private final int limit;
    private volatile long[] slots = new long[LONGS * SMALLEST];
    private int used;

    /**
     * @param limit most slots in use
     */
    HolderTable(int limit) {
        this.limit = limit;
    }

    /** Slots in use: blocks, where none has more than four holders. */
    int size() {
        return used;
    }

    boolean full() {
        return used >= limit;
    }

    /** Memory of the table in bytes. */
    long bytes() {
        return (long) slots.length * Long.BYTES;
    }

    /**
     * Finds the holders of a block.
     *
     * @param found filled from the front, further holders are left out
     * @return how many there are in {@code found}
     */
    int holders(long high, long low, int[] found) {
        long[] table = slots;
        int count = 0;
        for (int slot = find(table, high, low, -1);
                slot >= 0;
                slot = find(table, high, low, slot)) {
            long holders = (long) ELEMENT.getAcquire(table, LONGS * slot + 2);
            // The slot may have become another block's meanwhile; its digest is written first.
            boolean moved = table[LONGS * slot] != high || table[LONGS * slot + 1] != low;
            for (long left = moved ? 0 : holders; left != 0; left >>>= HOLDER_BITS) {
                if ((left & HOLDER_MASK) != 0 && count < found.length) {
                    found[count++] = (int) (left & HOLDER_MASK);
                }
            }
        }
        return count;
    }

    /** Whether the block has holders; allocates nothing. */
    boolean contains(long high, long low) {
        return find(slots, high, low, -1) >= 0;
    }

    /** The first slot of a block behind another one of its slots, or -1. */
    private static int find(long[] table, long high, long low, int behind) {
        int capacity = table.length / LONGS;
        int home = home(high, capacity);
        int slot = behind < 0 ? home : next(behind, capacity);
        while (behind < 0 || slot != home) {
            long there = (long) ELEMENT.getAcquire(table, LONGS * slot);
            if (there == 0) {
                return -1;
            }
            if (there == high && table[LONGS * slot + 1] == low) {
                return slot;
            }
            slot = next(slot, capacity);
        }
        return -1;
    }

    /**
     * @param high not 0
     * @param holder 1 to 65535
     * @return whether it was not there before and is now; false for a full table, too
     */
    boolean add(long high, long low, int holder) {
        long[] table = slots;
        int capacity = table.length / LONGS;
        int roomy = -1;
        int slot = home(high, capacity);
        for (; table[LONGS * slot] != 0; slot = next(slot, capacity)) {
            if (table[LONGS * slot] == high && table[LONGS * slot + 1] == low) {
                long holders = table[LONGS * slot + 2];
                if (lane(holders, holder) >= 0) {
                    return false;
                }
                roomy = lane(holders, 0) >= 0 ? slot : roomy;
            }
        }
        if (roomy >= 0) {
            long holders = table[LONGS * roomy + 2];
            int lane = lane(holders, 0);
            ELEMENT.setRelease(
                    table, LONGS * roomy + 2, holders | (long) holder << lane * HOLDER_BITS);
            return true;
        }
        if (full()) {
            return false;
        }
        if ((used + 1) * 4L > capacity * 3L) {
            rebuild(capacity * 2, any -> true);
            return add(high, low, holder);
        }
        put(table, slot, high, low, holder);
        used++;
        return true;
    }

    /**
     * @return whether it was there
     */
    boolean remove(long high, long low, int holder) {
        long[] table = slots;
        int capacity = table.length / LONGS;
        for (int slot = home(high, capacity);
                table[LONGS * slot] != 0;
                slot = next(slot, capacity)) {
            if (table[LONGS * slot] == high && table[LONGS * slot + 1] == low) {
                long holders = table[LONGS * slot + 2];
                int lane = lane(holders, holder);
                if (lane >= 0) {
                    long left = holders & ~(HOLDER_MASK << lane * HOLDER_BITS);
                    ELEMENT.setRelease(table, LONGS * slot + 2, left);
                    if (left == 0) {
                        close(table, slot);
                    }
                    return true;
                }
            }
        }
        return false;
    }

    /** Shows what a bucket holds, of all holders. The table must not change meanwhile. */
    void visit(int bucket, Visitor visitor) {
        long[] table = slots;
        int capacity = table.length / LONGS;
        int from = home((long) bucket << Long.SIZE - Buckets.BITS, capacity);
        int to = home(((long) bucket << Long.SIZE - Buckets.BITS) | -1L >>> Buckets.BITS, capacity);
        int slot = from;
        for (int seen = 0; seen < capacity; seen++) {
            long high = table[LONGS * slot];
            // Behind the stretch only what was pushed there by what came before.
            if (high == 0 && seen >= to - from) {
                return;
            }
            if (high != 0 && Buckets.of(high) == bucket) {
                visit(table, slot, visitor);
            }
            slot = next(slot, capacity);
        }
    }

    private static void visit(long[] table, int slot, Visitor visitor) {
        for (long left = table[LONGS * slot + 2]; left != 0; left >>>= HOLDER_BITS) {
            if ((left & HOLDER_MASK) != 0) {
                visitor.entry(
                        table[LONGS * slot], table[LONGS * slot + 1], (int) (left & HOLDER_MASK));
            }
        }
    }

    /** Forgets holders wherever they stand. */
    void removeAll(HolderTest gone) {
        rebuild(slots.length / LONGS, holder -> !gone.test(holder));
    }

    private void rebuild(int capacity, HolderTest kept) {
        long[] old = slots;
        long[] table = new long[LONGS * capacity];
        int count = 0;
        for (int from = 0; from < old.length; from += LONGS) {
            long holders = old[from] == 0 ? 0 : keep(old[from + 2], kept);
            if (holders != 0) {
                int slot = home(old[from], capacity);
                while (table[LONGS * slot] != 0) {
                    slot = next(slot, capacity);
                }
                put(table, slot, old[from], old[from + 1], holders);
                count++;
            }
        }
        used = count;
        slots = table;
    }

    private static long keep(long holders, HolderTest kept) {
        long left = holders;
        for (int lane = 0; lane < HOLDERS; lane++) {
            int holder = (int) (holders >>> lane * HOLDER_BITS & HOLDER_MASK);
            if (holder != 0 && !kept.test(holder)) {
                left &= ~(HOLDER_MASK << lane * HOLDER_BITS);
            }
        }
        return left;
    }

    private static void put(long[] table, int slot, long high, long low, long holders) {
        ELEMENT.setRelease(table, LONGS * slot + 1, low);
        ELEMENT.setRelease(table, LONGS * slot + 2, holders);
        ELEMENT.setRelease(table, LONGS * slot, high);
    }

    /**
     * Empties a slot and moves back what was pushed past it (Knuth, volume 3, 6.4, algorithm R).
     */
    private void close(long[] table, int closed) {
        int capacity = table.length / LONGS;
        int hole = closed;
        int slot = closed;
        while (true) {
            slot = next(slot, capacity);
            long high = table[LONGS * slot];
            if (high == 0) {
                break;
            }
            int home = home(high, capacity);
            boolean stays =
                    hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;
            if (!stays) {
                // Holders last and none in between: a reader sees no holder of another block.
                ELEMENT.setRelease(table, LONGS * hole + 2, 0L);
                ELEMENT.setRelease(table, LONGS * hole, high);
                ELEMENT.setRelease(table, LONGS * hole + 1, table[LONGS * slot + 1]);
                ELEMENT.setRelease(table, LONGS * hole + 2, table[LONGS * slot + 2]);
                hole = slot;
            }
        }
        ELEMENT.setRelease(table, LONGS * hole, 0L);
        used--;
    }

    /** The place of a holder among a slot's four, or -1; holder 0 finds a free one. */
    private static int lane(long holders, int holder) {
        for (int lane = 0; lane < HOLDERS; lane++) {
            if ((holders >>> lane * HOLDER_BITS & HOLDER_MASK) == holder) {
                return lane;
            }
        }
        return -1;
    }

    /** By the top bits: tables are powers of two. */
    private static int home(long high, int capacity) {
        return (int) (high >>> Long.numberOfLeadingZeros(capacity - 1L));
    }

    private static int next(int slot, int capacity) {
        return slot + 1 == capacity ? 0 : slot + 1;
    }
}
