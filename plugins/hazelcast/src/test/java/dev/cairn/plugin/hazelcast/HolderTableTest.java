package dev.cairn.plugin.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class HolderTableTest {

    private record Digest(long high, long low) {}

    @Test
    void holdsWhatAMapWouldHold() {
        long seed = RandomGenerator.getDefault().nextLong();
        System.out.println("holder table: seed " + seed);
        for (int run = 0; run < 40; run++) {
            check(new Random(seed + run));
        }
    }

    /** Few high halves, so that slots are pushed far and past the end. */
    private static void check(Random random) {
        HolderTable table = new HolderTable(1 << 14);
        Map<Digest, Set<Integer>> model = new HashMap<>();
        long spread = random.nextBoolean() ? -1L : 0xFFF0_0000_0000_0003L;
        List<Digest> digests = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            digests.add(new Digest(random.nextLong() & spread | 1, random.nextInt(3)));
        }
        for (int step = 0; step < 6000; step++) {
            Digest digest = digests.get(random.nextInt(digests.size()));
            int holder = 1 + random.nextInt(9);
            Set<Integer> there = model.computeIfAbsent(digest, any -> new TreeSet<>());
            if (random.nextInt(5) < 3) {
                assertThat(table.add(digest.high, digest.low, holder)).isEqualTo(there.add(holder));
            } else {
                assertThat(table.remove(digest.high, digest.low, holder))
                        .isEqualTo(there.remove(holder));
            }
            if (step == 3000) {
                table.removeAll(each -> each == 4);
                model.values().forEach(each -> each.remove(4));
            }
        }
        assertThat(everything(table)).isEqualTo(everything(model));
        digests.forEach(
                digest ->
                        assertThat(found(table, digest))
                                .isEqualTo(model.getOrDefault(digest, Set.of())));
    }

    @Test
    void aFullTableTakesNoMoreBlocksButFurtherHolders() {
        HolderTable table = new HolderTable(100);
        for (int block = 1; block <= 100; block++) {
            assertThat(table.add(high(block), block, 1)).isTrue();
        }
        assertThat(table.add(high(101), 101, 1)).isFalse();
        assertThat(table.add(high(1), 1, 2)).isTrue();
        assertThat(table.remove(high(2), 2, 1)).isTrue();
        assertThat(table.add(high(101), 101, 1)).isTrue();
    }

    /** A reader beside a writer sees a block's own holders, or none for a moment. */
    @Test
    void aReaderBesideAWriterSeesNoHolderOfAnotherBlock() throws InterruptedException {
        HolderTable table = new HolderTable(1 << 14);
        AtomicBoolean done = new AtomicBoolean();
        List<String> wrong = new ArrayList<>();
        Thread reader =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    Random random = new Random(5);
                                    int[] holders = new int[8];
                                    while (!done.get()) {
                                        int block = 1 + random.nextInt(500);
                                        int count = table.holders(high(block), block, holders);
                                        for (int i = 0; i < count; i++) {
                                            if (holders[i] != block) {
                                                wrong.add(block + " has " + holders[i]);
                                            }
                                        }
                                    }
                                });
        Random random = new Random(6);
        for (int step = 0; step < 400_000; step++) {
            int block = 1 + random.nextInt(500);
            if (random.nextBoolean()) {
                table.add(high(block), block, block);
            } else {
                table.remove(high(block), block, block);
            }
        }
        done.set(true);
        reader.join();
        assertThat(wrong).isEmpty();
    }

    /** Close together, so that slots are pushed all the time. */
    private static long high(int block) {
        return (long) (block % 40) << 52 | block;
    }

    private static Set<String> everything(HolderTable table) {
        Set<String> entries = new TreeSet<>();
        for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
            int visited = bucket;
            table.visit(
                    bucket,
                    (high, low, holder) -> {
                        assertThat(Buckets.of(high)).isEqualTo(visited);
                        assertThat(entries.add(high + " " + low + " " + holder)).isTrue();
                    });
        }
        return entries;
    }

    private static Set<String> everything(Map<Digest, Set<Integer>> model) {
        Set<String> entries = new TreeSet<>();
        model.forEach(
                (digest, holders) ->
                        holders.forEach(
                                holder ->
                                        entries.add(
                                                digest.high + " " + digest.low + " " + holder)));
        return entries;
    }

    private static Set<Integer> found(HolderTable table, Digest digest) {
        int[] holders = new int[16];
        int count = table.holders(digest.high, digest.low, holders);
        Set<Integer> found = new TreeSet<>();
        Arrays.stream(holders, 0, count).forEach(found::add);
        return found;
    }
}
