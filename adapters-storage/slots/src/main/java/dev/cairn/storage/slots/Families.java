package dev.cairn.storage.slots;

import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbers for what the blocks of one layer group of one model have in common, so that a slot keeps
 * a number instead of texts. A process sees a handful.
 *
 * <p>Threads: the tier's lock.
 */
final class Families {

    private final List<Family> families = new ArrayList<>();
    private int last;

    /** What the blocks of a family share. */
    record Family(String model, ComputeIdentity identity, int group, KvLayout layout) {

        boolean isOf(BlockKey key, KvLayout wanted) {
            return group == key.group()
                    && layout.equals(wanted)
                    && model.equals(key.model())
                    && identity.text().equals(key.identity().text());
        }

        boolean isOf(BlockKey key) {
            return isOf(key, layout);
        }
    }

    Family get(int family) {
        return families.get(family);
    }

    int size() {
        return families.size();
    }

    /** {@link Slots#NONE} if no block of such a family was ever here. */
    int find(BlockKey key, KvLayout layout) {
        if (last < families.size() && families.get(last).isOf(key, layout)) {
            return last;
        }
        for (int i = 0; i < families.size(); i++) {
            if (families.get(i).isOf(key, layout)) {
                last = i;
                return i;
            }
        }
        return Slots.NONE;
    }

    int findOrAdd(BlockKey key, KvLayout layout) {
        int family = find(key, layout);
        if (family != Slots.NONE) {
            return family;
        }
        families.add(new Family(key.model(), key.identity(), key.group(), layout));
        return families.size() - 1;
    }
}
