package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockSelection;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.PutOutcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Random operations on a tier beside a map that says what may and what must be there: a block that
 * may be there can have been evicted, one that must be there is pinned, one that is not in the map
 * was removed or never stored.
 */
public final class TierModel {

    private static final int IDS = 120;
    private static final List<String> TENANTS = List.of("", "red", "blue");

    /** Two sizes, so that room changes hands. */
    private static final KvLayout SMALL = new KvLayout(2, 4, 2, 16, KvType.BFLOAT16);

    private static final KvLayout LARGE = new KvLayout(4, 16, 4, 32, KvType.BFLOAT16);

    private final Random random;
    private final Map<Integer, String> mayBeThere = new HashMap<>();
    private final Set<Integer> pinned = new HashSet<>();
    private final UnaryOperator<BlockTier> reopen;
    private BlockTier tier;
    private int found;

    /**
     * @param tier empty, 256 KiB at least
     * @param reopen closes the tier and gives another one with the same blocks; or the same one,
     *     for a tier that keeps nothing
     */
    public TierModel(long seed, BlockTier tier, UnaryOperator<BlockTier> reopen) {
        this.random = new Random(seed);
        this.tier = tier;
        this.reopen = reopen;
    }

    /**
     * Does so many random operations and compares after each.
     *
     * @return the tier in use at the end, to be closed
     */
    public BlockTier run(int steps) {
        for (int i = 0; i < steps; i++) {
            step();
            assertThat(tier.usedBytes()).isBetween(0L, tier.capacityBytes());
        }
        compareEntries();
        assertThat(found).as("reads that found their block").isPositive();
        return tier;
    }

    private void step() {
        int id = random.nextInt(IDS);
        try (var calls = new TierCalls(tier, layout(id))) {
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4, 5, 6 -> put(calls, id);
                case 7, 8, 9, 10, 11, 12 -> get(calls, id);
                case 13, 14 -> {
                    assertThat(calls.remove(id)).isLessThanOrEqualTo(1);
                    forget(id);
                }
                case 15 -> pin(id, true);
                case 16 -> pin(id, false);
                case 17 -> tier.hold(TierCalls.key(id), Duration.ofNanos(random.nextInt(1000)));
                case 18 -> tier = random.nextInt(4) == 0 ? reopen.apply(tier) : tier;
                default -> clearSometimes(calls);
            }
        }
    }

    private static KvLayout layout(int id) {
        return id % 3 == 0 ? SMALL : LARGE;
    }

    private void put(TierCalls calls, int id) {
        String tenant = TENANTS.get(random.nextInt(TENANTS.size()));
        PutOutcome outcome = calls.put(id, tenant);
        assertThat(outcome)
                .isIn(PutOutcome.STORED, PutOutcome.PRESENT, PutOutcome.FULL, PutOutcome.QUOTA);
        if (outcome == PutOutcome.STORED) {
            assertThat(pinned).doesNotContain(id);
            mayBeThere.put(id, tenant);
            assertThat(calls.get(id)).isEqualTo(GetOutcome.FOUND);
        } else if (outcome == PutOutcome.PRESENT) {
            assertThat(mayBeThere).containsKey(id);
        }
    }

    private void get(TierCalls calls, int id) {
        GetOutcome outcome = calls.get(id);
        if (outcome == GetOutcome.FOUND) {
            assertThat(mayBeThere).containsKey(id);
            found++;
        } else {
            assertThat(outcome).isEqualTo(GetOutcome.ABSENT);
            assertThat(pinned).doesNotContain(id);
            mayBeThere.remove(id);
        }
    }

    private void pin(int id, boolean wanted) {
        boolean there = tier.pin(TierCalls.key(id), wanted);
        if (there) {
            assertThat(mayBeThere).containsKey(id);
        }
        // A few pins; with all blocks pinned nothing would happen any more.
        if (there && wanted && pinned.size() < 10) {
            pinned.add(id);
        } else if (there) {
            tier.pin(TierCalls.key(id), false);
            pinned.remove(id);
        }
    }

    private void clearSometimes(TierCalls calls) {
        if (random.nextInt(10) == 0) {
            String tenant = TENANTS.get(random.nextInt(TENANTS.size()));
            calls.clear(BlockSelection.ofTenant(tenant));
            Set.copyOf(mayBeThere.keySet()).stream()
                    .filter(id -> mayBeThere.get(id).equals(tenant))
                    .forEach(this::forget);
        }
    }

    private void forget(int id) {
        mayBeThere.remove(id);
        pinned.remove(id);
        assertThat(tier.contains(TierCalls.key(id))).isFalse();
    }

    private void compareEntries() {
        Set<BlockEntry> entries = new HashSet<>();
        tier.entries(entry -> assertThat(entries.add(entry)).isTrue());
        assertThat(tier.counts().blocks()).isEqualTo(entries.size());
        for (int id = 0; id < IDS; id++) {
            int number = id;
            boolean named =
                    entries.stream()
                            .anyMatch(
                                    entry ->
                                            entry.key().equals(TierCalls.key(number))
                                                    && entry.tenant().equals(mayBeThere.get(number))
                                                    && entry.layout().equals(layout(number))
                                                    && entry.pinned() == pinned.contains(number));
            assertThat(named).as("block %d", id).isEqualTo(tier.contains(TierCalls.key(id)));
        }
    }
}
