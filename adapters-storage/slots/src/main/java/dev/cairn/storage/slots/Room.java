package dev.cairn.storage.slots;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Extents, size classes and free slots.
 *
 * <p>Threads: the tier's lock.
 */
final class Room {

    private final Slots slots;
    private final long extentBytes;
    private final EvictionPolicy policy;
    private final Blocks blocks;
    private final List<SizeClass> classes = new ArrayList<>();

    /** Whether slots that were never written may be taken; not while the device is full. */
    private boolean growing = true;

    /** Who owns the blocks in the slots. */
    interface Blocks extends EvictionOrder.Busy {

        void evict(int slot);

        void cut(int extent, SizeClass sizeClass, int count);
    }

    Room(Slots slots, long extentBytes, EvictionPolicy policy, Blocks blocks) {
        this.slots = slots;
        this.extentBytes = extentBytes;
        this.policy = policy;
        this.blocks = blocks;
    }

    SizeClass classOf(long bytes, int layers, int recordBytes) {
        for (int i = 0; i < classes.size(); i++) {
            if (classes.get(i).fits(bytes, layers, recordBytes)) {
                return classes.get(i);
            }
        }
        var added = new SizeClass(bytes, layers, recordBytes, EvictionOrder.of(policy, slots));
        classes.add(added);
        return added;
    }

    int slotsPerExtent(long slotBytes) {
        return (int) Math.min(extentBytes / slotBytes, Slots.MOST_PER_EXTENT);
    }

    /** A free slot, after somebody left if need be. */
    int allocate(SizeClass wanted) {
        if (wanted.firstFree == Slots.NONE) {
            int extent = growing ? unusedExtent() : Slots.NONE;
            if (extent == Slots.NONE) {
                evictFor(wanted);
            } else {
                cut(extent, wanted);
            }
        }
        int slot = wanted.firstFree;
        if (slot != Slots.NONE) {
            wanted.firstFree = slots.extent(slot).next[Slots.placeOf(slot)];
        }
        return slot;
    }

    void free(int slot) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        extent.state[place] = Extent.FREE;
        extent.next[place] = extent.sizeClass.firstFree;
        extent.sizeClass.firstFree = slot;
    }

    private int unusedExtent() {
        for (int i = 0; i < slots.extents.length; i++) {
            if (slots.extents[i] == null) {
                return i;
            }
        }
        return Slots.NONE;
    }

    /**
     * One block of the class itself leaves, unless all of another class's extent was used longer
     * ago: then that one changes hands, so that room follows use.
     */
    private void evictFor(SizeClass wanted) {
        int victim = wanted.order.victim(blocks);
        long age =
                victim == Slots.NONE
                        ? Long.MAX_VALUE
                        : slots.extent(victim).touched[Slots.placeOf(victim)];
        Extent idle = classes.size() < 2 || !growing ? null : coldestOther(wanted, age);
        if (idle != null) {
            for (int place = 0; place < idle.count; place++) {
                if (idle.state[place] == Extent.READY) {
                    blocks.evict(Slots.slot(idle.index, place));
                }
            }
            unchain(idle);
            cut(idle.index, wanted);
        } else if (victim != Slots.NONE) {
            blocks.evict(victim);
        }
    }

    private Extent coldestOther(SizeClass wanted, long youngerThan) {
        Extent coldest = null;
        long age = youngerThan;
        for (Extent extent : slots.extents) {
            if (extent != null
                    && extent.sizeClass != wanted
                    && extent.lastTouch < age
                    && isIdle(extent)) {
                coldest = extent;
                age = extent.lastTouch;
            }
        }
        return coldest;
    }

    private boolean isIdle(Extent extent) {
        for (int place = 0; place < extent.count; place++) {
            byte state = extent.state[place];
            if (state == Extent.WRITING
                    || state == Extent.DOOMED
                    || state == Extent.READY && blocks.isBusy(Slots.slot(extent.index, place))) {
                return false;
            }
        }
        return true;
    }

    /** Takes an extent's slots out of its class's chain of free ones. */
    private void unchain(Extent extent) {
        filter(extent.sizeClass, slot -> slots.extent(slot) != extent);
    }

    private interface Kept {
        boolean keeps(int slot);
    }

    private void filter(SizeClass sizeClass, Kept kept) {
        int slot = sizeClass.firstFree;
        int first = Slots.NONE;
        while (slot != Slots.NONE) {
            Extent of = slots.extent(slot);
            int next = of.next[Slots.placeOf(slot)];
            if (kept.keeps(slot)) {
                of.next[Slots.placeOf(slot)] = first;
                first = slot;
            }
            slot = next;
        }
        sizeClass.firstFree = first;
    }

    private void cut(int extent, SizeClass sizeClass) {
        int count = slotsPerExtent(sizeClass.slotBytes());
        slots.extents[extent] = new Extent(extent, sizeClass, count);
        for (int place = count - 1; place >= 0; place--) {
            free(Slots.slot(extent, place));
        }
        blocks.cut(extent, sizeClass, count);
    }

    /** An extent as it was found: its slots are withdrawn until somebody says what they hold. */
    SizeClass adopt(int extent, SizeClass sizeClass, int count) {
        slots.extents[extent] = new Extent(extent, sizeClass, count);
        Arrays.fill(slots.extents[extent].state, Extent.WITHDRAWN);
        return sizeClass;
    }

    /** The device is full: what was never written cannot be. */
    void stopGrowing() {
        growing = false;
        for (SizeClass sizeClass : classes) {
            filter(sizeClass, this::keepIfWritten);
        }
    }

    private boolean keepIfWritten(int slot) {
        Extent extent = slots.extent(slot);
        boolean written = extent.written[Slots.placeOf(slot)];
        if (!written) {
            extent.state[Slots.placeOf(slot)] = Extent.WITHDRAWN;
        }
        return written;
    }

    /** Room may have come back. */
    void grow() {
        growing = true;
        for (Extent extent : slots.extents) {
            if (extent != null) {
                readmit(extent);
            }
        }
    }

    void readmit(Extent extent) {
        for (int place = extent.count - 1; place >= 0; place--) {
            if (extent.state[place] == Extent.WITHDRAWN) {
                free(Slots.slot(extent.index, place));
            }
        }
    }

    boolean isGrowing() {
        return growing;
    }
}
