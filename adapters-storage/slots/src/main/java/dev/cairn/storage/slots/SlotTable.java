package dev.cairn.storage.slots;

import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTier.Departures.Reason;
import dev.cairn.ports.cache.KvLayout;
import java.util.Map;

/**
 * Which block lies in which slot, and who leaves when there is no room. It decides; bytes are moved
 * by others, between {@link #reserve} and {@link #commit}, and between {@link #acquire} and {@link
 * #release}. Makes no objects once its extents are cut.
 *
 * <p>Threads: the tier's lock.
 */
public final class SlotTable {

    /** Answers of {@link #reserve} that are no slot. */
    public static final int NONE = Slots.NONE;

    public static final int PRESENT = -2;
    public static final int FULL = -3;
    public static final int QUOTA = -4;

    private final Slots slots;
    private final BlockIndex index;
    private final Families families = new Families();
    private final Tenants tenants;
    private final Retention retention;
    private final Watcher watcher;
    private final Room room;
    private final Room.Blocks blocks = new Evictions();
    private final long extentBytes;
    private final long slotAlignment;
    private long usedBytes;
    private long pinnedBlocks;
    private long uses;
    private long sequence;
    private long nanos;

    /** Hears what the table decides. Called under the tier's lock. */
    public interface Watcher {

        /** A block leaves; the slot still describes it. */
        void leaving(int slot, Reason reason);

        /** An extent is cut anew, and nothing that lay in it counts any more. */
        void cut(int extent, SizeClass sizeClass, int count);
    }

    /**
     * @param extents how many, 1 to 4096
     * @param extentBytes of each
     * @param slotAlignment slots are multiples of it
     */
    public SlotTable(
            int extents,
            long extentBytes,
            long slotAlignment,
            Retention retention,
            Watcher watcher) {
        if (extents < 1 || extents > Slots.MOST_EXTENTS) {
            throw new IllegalArgumentException(extents + " extents cannot be");
        }
        retention.checkAgainst(extents * extentBytes);
        this.slots = new Slots(extents);
        this.index = new BlockIndex(slots);
        this.tenants = new Tenants(slots, retention);
        this.retention = retention;
        this.watcher = watcher;
        this.extentBytes = extentBytes;
        this.room = new Room(slots, extentBytes, retention.policy(), blocks);
        this.slotAlignment = slotAlignment;
    }

    public long usedBytes() {
        return usedBytes;
    }

    public int blocks() {
        return index.size();
    }

    public long pinnedBlocks() {
        return pinnedBlocks;
    }

    /** Bytes by tenant, of those that hold any. */
    public Map<String, Long> usedByTenant() {
        return tenants.used();
    }

    public long usedBy(String tenant) {
        return tenants.used(tenant);
    }

    /** Bytes of a slot that takes a block of a layout. */
    public long slotBytes(KvLayout layout) {
        return roundUp(layout.blockBytes(), slotAlignment);
    }

    static long roundUp(long bytes, long alignment) {
        return (bytes + alignment - 1) / alignment * alignment;
    }

    /**
     * Finds a place for a block, evicting what must leave for it. The block is not found before
     * {@link #commit}.
     *
     * @param recordBytes of the block's description on the device
     * @return a slot, or {@link #PRESENT}, {@link #FULL} or {@link #QUOTA}
     */
    public int reserve(
            BlockKey key,
            KvLayout layout,
            String tenant,
            int[] checksums,
            int recordBytes,
            long nowMillis,
            long nowNanos) {
        nanos = nowNanos;
        int family = families.findOrAdd(key, layout);
        int there = find(family, key.hash());
        if (there != NONE) {
            if (!hasExpired(there, nowMillis)) {
                return PRESENT;
            }
            forget(there, Reason.EXPIRED);
        }
        long bytes = slotBytes(layout);
        if (bytes > extentBytes || bytes <= 0) {
            return FULL;
        }
        int owner = tenants.findOrAdd(tenant);
        int slot = makeRoom(owner, bytes, layout.layers(), recordBytes);
        if (slot < 0) {
            tenants.forgetIfEmpty(owner);
            return slot;
        }
        // Whoever left may have been the tenant's last block, and the tenant forgotten with it.
        slots.extent(slot)
                .describe(
                        Slots.placeOf(slot),
                        family,
                        key.hash(),
                        tenants.findOrAdd(tenant),
                        checksums);
        slots.extent(slot).state[Slots.placeOf(slot)] = Extent.WRITING;
        slots.extent(slot).storedAt[Slots.placeOf(slot)] = nowMillis;
        slots.extent(slot).sequence[Slots.placeOf(slot)] = ++sequence;
        enter(slot);
        return slot;
    }

    private int makeRoom(int owner, long bytes, int layers, int recordBytes) {
        while (!tenants.fits(owner, bytes)) {
            int victim = tenants.victim(owner, blocks);
            if (victim == NONE) {
                return QUOTA;
            }
            forget(victim, Reason.EVICTED);
        }
        int slot = room.allocate(room.classOf(bytes, layers, recordBytes));
        return slot == NONE ? FULL : slot;
    }

    private void enter(int slot) {
        index.add(slot);
        long bytes = slots.extent(slot).sizeClass.slotBytes();
        usedBytes += bytes;
        tenants.take(tenant(slot), bytes);
    }

    /** The checksums of a block that came into its slot before they were known. */
    public void checksums(int slot, int[] sliceChecksums) {
        Extent extent = slots.extent(slot);
        int layers = extent.sizeClass.layers();
        System.arraycopy(sliceChecksums, 0, extent.checksums, Slots.placeOf(slot) * layers, layers);
    }

    /** The bytes are where they belong: from now on the block is found. */
    public void commit(int slot) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        extent.state[place] = Extent.READY;
        extent.written[place] = true;
        use(slot);
        if (!extent.pinned[place]) {
            extent.sizeClass.order.added(slot);
        }
        tenants.listed(slot);
    }

    /** The bytes could not be written. */
    public void abort(int slot) {
        leave(slot);
        room.free(slot);
    }

    /**
     * Looks a block up for reading; until {@link #release} nothing else is written to its slot.
     *
     * @return {@link #NONE} if it is not here
     */
    public int acquire(BlockKey key, KvLayout layout, long nowMillis) {
        int slot = find(key, layout);
        if (slot == NONE) {
            return NONE;
        }
        if (hasExpired(slot, nowMillis)) {
            forget(slot, Reason.EXPIRED);
            return NONE;
        }
        acquire(slot);
        touch(slot);
        return slot;
    }

    /** One reader more of a slot that holds a block. */
    public void acquire(int slot) {
        slots.extent(slot).readers[Slots.placeOf(slot)]++;
    }

    public void release(int slot) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        extent.readers[place]--;
        if (extent.readers[place] == 0 && extent.state[place] == Extent.DOOMED) {
            room.free(slot);
        }
    }

    private void touch(int slot) {
        use(slot);
        Extent extent = slots.extent(slot);
        if (!extent.pinned[Slots.placeOf(slot)]) {
            extent.sizeClass.order.touched(slot);
        }
        tenants.touched(slot);
    }

    private void use(int slot) {
        Extent extent = slots.extent(slot);
        extent.lastTouch = ++uses;
        extent.touched[Slots.placeOf(slot)] = uses;
    }

    /**
     * The slot of a block that can be read, whatever its layout; {@link #NONE} if there is none.
     */
    public int find(BlockKey key) {
        for (int family = 0; family < families.size(); family++) {
            if (families.get(family).isOf(key)) {
                int slot = find(family, key.hash());
                if (slot != NONE && state(slot) == Extent.READY) {
                    return slot;
                }
            }
        }
        return NONE;
    }

    private int find(BlockKey key, KvLayout layout) {
        int family = families.find(key, layout);
        int slot = family == NONE ? NONE : find(family, key.hash());
        return slot != NONE && state(slot) == Extent.READY ? slot : NONE;
    }

    private int find(int family, BlockHash hash) {
        return index.find(family, hash.a(), hash.b(), hash.c(), hash.d());
    }

    public boolean hasExpired(int slot, long nowMillis) {
        return retention.ttlMillis() > 0
                && nowMillis - storedAt(slot) >= retention.ttlMillis()
                && !slots.extent(slot).pinned[Slots.placeOf(slot)];
    }

    public void pin(int slot, boolean pinned) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        if (extent.pinned[place] != pinned) {
            extent.pinned[place] = pinned;
            pinnedBlocks += pinned ? 1 : -1;
            if (pinned) {
                extent.sizeClass.order.removed(slot);
            } else {
                extent.sizeClass.order.added(slot);
            }
        }
    }

    public void hold(int slot, boolean held, long untilNanos) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        extent.held[place] = held;
        extent.heldUntil[place] = untilNanos;
    }

    private boolean isBusy(int slot) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        return extent.state[place] != Extent.READY
                || extent.pinned[place]
                || extent.readers[place] > 0
                || extent.held[place] && extent.heldUntil[place] - nanos > 0;
    }

    /** The block is found no more; its slot is free when nobody reads it. */
    public void forget(int slot) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        if (extent.pinned[place]) {
            pinnedBlocks--;
        } else {
            extent.sizeClass.order.removed(slot);
        }
        tenants.unlisted(slot);
        leave(slot);
        extent.state[place] = Extent.DOOMED;
        if (extent.readers[place] == 0) {
            room.free(slot);
        }
    }

    /** The same, told to the watcher. */
    public void forget(int slot, Reason reason) {
        watcher.leaving(slot, reason);
        forget(slot);
    }

    private void leave(int slot) {
        index.remove(slot);
        long bytes = slots.extent(slot).sizeClass.slotBytes();
        usedBytes -= bytes;
        tenants.give(tenant(slot), bytes);
    }

    /** How many slots of a size an extent has. */
    public int slotsPerExtent(long slotBytes) {
        return room.slotsPerExtent(slotBytes);
    }

    /**
     * An extent that was found on the device; its slots are neither free nor blocks until {@link
     * #restore} and {@link #restored}.
     */
    public SizeClass adopt(int extent, long slotBytes, int layers, int recordBytes, int count) {
        return room.adopt(extent, room.classOf(slotBytes, layers, recordBytes), count);
    }

    /**
     * A block that was found on the device, older ones first. Whatever is there already of this key
     * is older and leaves.
     *
     * @return whether it may stay: not expired, within its tenant's quota
     */
    public boolean restore(int slot, BlockEntry entry, int[] checksums, long number, long now) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        int family = families.findOrAdd(entry.key(), entry.layout());
        int older = find(family, entry.key().hash());
        if (older != NONE) {
            forget(older, Reason.EVICTED);
        }
        extent.written[place] = true;
        sequence = Math.max(sequence, number);
        int owner = tenants.findOrAdd(entry.tenant());
        while (!tenants.fits(owner, extent.sizeClass.slotBytes())) {
            int victim = tenants.victim(owner, blocks);
            if (victim == NONE) {
                tenants.forgetIfEmpty(owner);
                return false;
            }
            forget(victim, Reason.EVICTED);
        }
        int tenant = tenants.findOrAdd(entry.tenant());
        extent.describe(place, family, entry.key().hash(), tenant, checksums);
        extent.pinned[place] = entry.pinned();
        pinnedBlocks += entry.pinned() ? 1 : 0;
        extent.storedAt[place] = entry.storedEpochMillis();
        extent.sequence[place] = number;
        enter(slot);
        commit(slot);
        if (hasExpired(slot, now)) {
            forget(slot);
        }
        return state(slot) == Extent.READY;
    }

    /** Whatever of an adopted extent was not restored is free. */
    public void restored(int extent) {
        room.readmit(slots.extents[extent]);
    }

    /**
     * The device is full, or not any more: while it is, only slots that were written before are
     * taken.
     */
    public void deviceFull(boolean full) {
        if (full) {
            room.stopGrowing();
        } else if (!room.isGrowing()) {
            room.grow();
        }
    }

    public boolean isReady(int slot) {
        return state(slot) == Extent.READY;
    }

    private byte state(int slot) {
        return slots.extent(slot).state[Slots.placeOf(slot)];
    }

    private int tenant(int slot) {
        return slots.extent(slot).tenant[Slots.placeOf(slot)];
    }

    public long storedAt(int slot) {
        return slots.extent(slot).storedAt[Slots.placeOf(slot)];
    }

    public int extentOf(int slot) {
        return Slots.extentOf(slot);
    }

    public int placeOf(int slot) {
        return Slots.placeOf(slot);
    }

    /** The slot at a place of an extent. */
    public static int slot(int extent, int place) {
        return Slots.slot(extent, place);
    }

    /** Whether something else lay in the slot before. */
    public boolean wasWritten(int slot) {
        return slots.extent(slot).written[Slots.placeOf(slot)];
    }

    public SizeClass sizeClassOf(int slot) {
        return slots.extent(slot).sizeClass;
    }

    /** Counts up with every block that comes into the slot. */
    public int generation(int slot) {
        return slots.extent(slot).generation[Slots.placeOf(slot)];
    }

    /** Counts up with every block that comes into the tier, restarts included. */
    public long sequence(int slot) {
        return slots.extent(slot).sequence[Slots.placeOf(slot)];
    }

    /** Counts up with every use of any block, so that the one used last has the highest. */
    public long lastUse(int slot) {
        return slots.extent(slot).touched[Slots.placeOf(slot)];
    }

    public int checksum(int slot, int layer) {
        Extent extent = slots.extent(slot);
        return extent.checksums[Slots.placeOf(slot) * extent.sizeClass.layers() + layer];
    }

    /** Describes what is in a slot; makes objects. */
    public BlockEntry entry(int slot) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        Families.Family family = families.get(extent.family[place]);
        return new BlockEntry(
                new BlockKey(family.model(), family.identity(), family.group(), extent.hash(place)),
                family.layout(),
                tenants.name(tenant(slot)),
                storedAt(slot),
                extent.pinned[place]);
    }

    /** Every slot that holds a block, of one extent; slots stay while the lock is held. */
    public int[] readySlots(int extent) {
        return slots.ready(extent);
    }

    public int extents() {
        return slots.extents.length;
    }

    private final class Evictions implements Room.Blocks {

        @Override
        public boolean isBusy(int slot) {
            return SlotTable.this.isBusy(slot);
        }

        @Override
        public void evict(int slot) {
            forget(slot, Reason.EVICTED);
        }

        @Override
        public void cut(int extent, SizeClass sizeClass, int count) {
            watcher.cut(extent, sizeClass, count);
        }
    }
}
