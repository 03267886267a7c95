package dev.cairn.storage.slots;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BlockIndexTest {

    private static final int COUNT = 3000;

    /** Hashes that collide: few different ones, told apart by their later parts. */
    @Test
    void findsWhatAMapFinds() {
        long seed = RandomGenerator.getDefault().nextLong();
        System.out.printf("block index: seed %d%n", seed);
        Random random = new Random(seed);
        Slots slots = new Slots(1);
        SizeClass sizeClass = new SizeClass(64, 1, 0, EvictionOrder.of(EvictionPolicy.LRU, slots));
        Extent extent = new Extent(0, sizeClass, COUNT);
        slots.extents[0] = extent;
        for (int slot = 0; slot < COUNT; slot++) {
            extent.hash[4 * slot] = random.nextInt(40);
            extent.hash[4 * slot + 1] = slot;
        }
        BlockIndex index = new BlockIndex(slots);
        Map<Integer, Boolean> model = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            int slot = random.nextInt(COUNT);
            if (model.remove(slot) != null) {
                index.remove(slot);
            } else if (model.size() < 600) {
                index.add(slot);
                model.put(slot, true);
            }
            int other = random.nextInt(COUNT);
            int found = index.find(0, extent.hash[4 * other], other, 0, 0);
            assertThat(found).isEqualTo(model.containsKey(other) ? other : Slots.NONE);
            assertThat(index.size()).isEqualTo(model.size());
        }
    }
}
