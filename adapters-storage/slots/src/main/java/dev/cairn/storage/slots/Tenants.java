package dev.cairn.storage.slots;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each tenant holds and may hold, and in which order it used its blocks. A tenant that holds
 * nothing is forgotten.
 *
 * <p>Threads: the tier's lock.
 */
final class Tenants {

    /** Blocks of nobody in particular, counted under no quota. */
    static final int NOBODY = 0;

    private final Slots slots;
    private final Retention retention;
    private final Map<String, Integer> byName = new HashMap<>();
    private String[] names = {"", null, null, null};
    private long[] quotas = {Long.MAX_VALUE, 0, 0, 0};
    private long[] used = new long[4];
    private int[] blocks = new int[4];
    private int[] newest = {Slots.NONE, Slots.NONE, Slots.NONE, Slots.NONE};
    private int[] oldest = newest.clone();

    Tenants(Slots slots, Retention retention) {
        this.slots = slots;
        this.retention = retention;
    }

    String name(int tenant) {
        return names[tenant];
    }

    long used(String name) {
        Integer tenant = name.isEmpty() ? Integer.valueOf(NOBODY) : byName.get(name);
        return tenant == null ? 0 : used[tenant];
    }

    /** Bytes of those that hold any, nobody's under the empty name. */
    Map<String, Long> used() {
        Map<String, Long> bytes = new TreeMap<>();
        for (int tenant = 0; tenant < names.length; tenant++) {
            if (names[tenant] != null && used[tenant] > 0) {
                bytes.put(names[tenant], used[tenant]);
            }
        }
        return bytes;
    }

    int findOrAdd(String name) {
        if (name.isEmpty()) {
            return NOBODY;
        }
        Integer known = byName.get(name);
        return known == null ? add(name) : known;
    }

    private int add(String name) {
        int tenant = 1;
        while (tenant < names.length && names[tenant] != null) {
            tenant++;
        }
        if (tenant == names.length) {
            grow();
        }
        names[tenant] = name;
        quotas[tenant] = retention.quotaOf(name);
        byName.put(name, tenant);
        return tenant;
    }

    private void grow() {
        int old = names.length;
        names = Arrays.copyOf(names, 2 * old);
        quotas = Arrays.copyOf(quotas, 2 * old);
        used = Arrays.copyOf(used, 2 * old);
        blocks = Arrays.copyOf(blocks, 2 * old);
        newest = Arrays.copyOf(newest, 2 * old);
        oldest = Arrays.copyOf(oldest, 2 * old);
        Arrays.fill(newest, old, 2 * old, Slots.NONE);
        Arrays.fill(oldest, old, 2 * old, Slots.NONE);
    }

    boolean fits(int tenant, long bytes) {
        return used[tenant] + bytes <= quotas[tenant];
    }

    /** Room is taken before the first byte is written, so writers side by side cannot overdraw. */
    void take(int tenant, long bytes) {
        used[tenant] += bytes;
        blocks[tenant]++;
    }

    void give(int tenant, long bytes) {
        used[tenant] -= bytes;
        blocks[tenant]--;
        forgetIfEmpty(tenant);
    }

    void forgetIfEmpty(int tenant) {
        if (tenant != NOBODY && blocks[tenant] == 0) {
            byName.remove(names[tenant]);
            names[tenant] = null;
        }
    }

    void listed(int slot) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        int tenant = extent.tenant[place];
        if (tenant == NOBODY) {
            return;
        }
        extent.tenantPrevious[place] = Slots.NONE;
        extent.tenantNext[place] = newest[tenant];
        if (newest[tenant] == Slots.NONE) {
            oldest[tenant] = slot;
        } else {
            slots.extent(newest[tenant]).tenantPrevious[Slots.placeOf(newest[tenant])] = slot;
        }
        newest[tenant] = slot;
    }

    void unlisted(int slot) {
        Extent extent = slots.extent(slot);
        int place = Slots.placeOf(slot);
        int tenant = extent.tenant[place];
        if (tenant == NOBODY) {
            return;
        }
        int previous = extent.tenantPrevious[place];
        int next = extent.tenantNext[place];
        if (previous == Slots.NONE) {
            newest[tenant] = next;
        } else {
            slots.extent(previous).tenantNext[Slots.placeOf(previous)] = next;
        }
        if (next == Slots.NONE) {
            oldest[tenant] = previous;
        } else {
            slots.extent(next).tenantPrevious[Slots.placeOf(next)] = previous;
        }
    }

    void touched(int slot) {
        unlisted(slot);
        listed(slot);
    }

    /** The tenant's own block that was used longest ago and may leave. */
    int victim(int tenant, EvictionOrder.Busy busy) {
        int slot = oldest[tenant];
        while (slot != Slots.NONE && busy.isBusy(slot)) {
            slot = slots.extent(slot).tenantPrevious[Slots.placeOf(slot)];
        }
        return slot;
    }
}
