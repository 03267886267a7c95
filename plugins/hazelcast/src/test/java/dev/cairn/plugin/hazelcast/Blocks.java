package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.ComputeIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Keys of blocks for tests: those of few numbers, so that members hold the same ones. */
final class Blocks {

    private static final ComputeIdentity IDENTITY = new ComputeIdentity("test/1/float32");

    private Blocks() {}

    static BlockKey key(int number) {
        return new BlockKey("m" + number % 3, IDENTITY, number % 2, new BlockHash(0, 0, 0, number));
    }

    static List<BlockKey> some(Random random, int most, int numbers) {
        List<BlockKey> keys = new ArrayList<>();
        for (int i = random.nextInt(most) + 1; i > 0; i--) {
            keys.add(key(random.nextInt(numbers)));
        }
        return keys;
    }

    static List<BlockKey> range(int from, int to) {
        List<BlockKey> keys = new ArrayList<>();
        for (int number = from; number < to; number++) {
            keys.add(key(number));
        }
        return keys;
    }
}
