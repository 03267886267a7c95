package dev.cairn.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.storage.slots.EvictionPolicy;
import dev.cairn.storage.slots.Retention;
import dev.cairn.tck.TierCalls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tenants with quotas that pin and unpin: all quotas fit in the tier together, so what it holds
 * after any random operation follows from the tenant's own operations alone.
 */
class PinsAndQuotasTest {

    /** 16 KiB a block. */
    private static final KvLayout LAYOUT = new KvLayout(2, 16, 4, 16, KvType.FLOAT32);

    private static final int CAPACITY = 16;
    private static final Map<String, Integer> QUOTAS = Map.of("red", 5, "blue", 3, "green", 8);
    private static final List<String> TENANTS = List.of("red", "blue", "green");
    private static final int IDS_EACH = 12;
    private static final int STEPS = 600;

    @ParameterizedTest
    @EnumSource(EvictionPolicy.class)
    void aPinStaysWithinItsTenantsQuotaAndNobodyElsePaysForIt(EvictionPolicy policy) {
        int runs = "nightly".equals(System.getProperty("cairn.test.size")) ? 300 : 5;
        long first = RandomGenerator.getDefault().nextLong();
        for (long seed = first; seed < first + runs; seed++) {
            System.out.printf("pins and quotas: %s seed %d%n", policy, seed);
            long ttl = policy == EvictionPolicy.TTL ? Long.MAX_VALUE / 2 : 0;
            Map<String, Long> quotas = new HashMap<>();
            QUOTAS.forEach((tenant, blocks) -> quotas.put(tenant, blocks * LAYOUT.blockBytes()));
            var retention = new Retention(policy, ttl, 0, quotas);
            try (var tier =
                    new MemoryTier(
                            MemoryOptions.of(CAPACITY * LAYOUT.blockBytes(), retention),
                            new TestClock(),
                            Telemetry.none())) {
                new Run(tier, new Random(seed)).go();
            }
        }
    }

    /** One tier beside what it must hold. */
    private static final class Run {

        private final MemoryTier tier;
        private final Random random;

        /** Of each tenant, what was used longest ago first. */
        private final Map<String, List<Integer>> held = new HashMap<>();

        private final Set<Integer> pinned = new HashSet<>();

        Run(MemoryTier tier, Random random) {
            this.tier = tier;
            this.random = random;
            TENANTS.forEach(tenant -> held.put(tenant, new ArrayList<>()));
        }

        void go() {
            try (var calls = new TierCalls(tier, LAYOUT)) {
                for (int step = 0; step < STEPS; step++) {
                    int tenant = random.nextInt(TENANTS.size());
                    int id = tenant * IDS_EACH + random.nextInt(IDS_EACH);
                    switch (random.nextInt(10)) {
                        case 0, 1, 2, 3, 4 -> put(calls, TENANTS.get(tenant), id);
                        case 5, 6 -> get(calls, TENANTS.get(tenant), id);
                        case 7, 8 -> pin(TENANTS.get(tenant), id, random.nextInt(3) > 0);
                        default -> remove(calls, TENANTS.get(tenant), id);
                    }
                    compare(step);
                }
                TENANTS.forEach(tenant -> fillWithPins(calls, tenant));
            }
        }

        /** A tenant that pinned all it may hold gets nothing more, until it gives a pin back. */
        private void fillWithPins(TierCalls calls, String tenant) {
            int first = TENANTS.indexOf(tenant) * IDS_EACH;
            for (int id = first; id < first + IDS_EACH; id++) {
                remove(calls, tenant, id);
            }
            int quota = QUOTAS.get(tenant);
            for (int id = first; id < first + quota; id++) {
                put(calls, tenant, id);
                pin(tenant, id, true);
            }
            assertThat(calls.put(first + quota, tenant)).isEqualTo(PutOutcome.QUOTA);
            compare(STEPS);
            pin(tenant, first + 1, false);
            put(calls, tenant, first + quota);
            assertThat(tier.contains(TierCalls.key(first + 1))).isFalse();
            compare(STEPS);
        }

        private void put(TierCalls calls, String tenant, int id) {
            List<Integer> own = held.get(tenant);
            PutOutcome outcome = calls.put(id, tenant);
            if (own.contains(id)) {
                assertThat(outcome).isEqualTo(PutOutcome.PRESENT);
                return;
            }
            if (own.size() == QUOTAS.get(tenant)) {
                Integer victim =
                        own.stream()
                                .filter(each -> !pinned.contains(each))
                                .findFirst()
                                .orElse(null);
                if (victim == null) {
                    assertThat(outcome).isEqualTo(PutOutcome.QUOTA);
                    return;
                }
                own.remove(victim);
            }
            assertThat(outcome).isEqualTo(PutOutcome.STORED);
            own.add(id);
        }

        private void get(TierCalls calls, String tenant, int id) {
            Integer block = id;
            boolean isHeld = held.get(tenant).remove(block);
            assertThat(calls.get(id)).isEqualTo(isHeld ? GetOutcome.FOUND : GetOutcome.ABSENT);
            if (isHeld) {
                held.get(tenant).add(block);
            }
        }

        private void pin(String tenant, int id, boolean wanted) {
            assertThat(tier.pin(TierCalls.key(id), wanted))
                    .isEqualTo(held.get(tenant).contains(id));
            if (wanted && held.get(tenant).contains(id)) {
                pinned.add(id);
            } else {
                pinned.remove(id);
            }
        }

        private void remove(TierCalls calls, String tenant, int id) {
            Integer block = id;
            boolean isHeld = held.get(tenant).remove(block);
            pinned.remove(block);
            assertThat(calls.remove(id)).isEqualTo(isHeld ? 1 : 0);
        }

        private void compare(int step) {
            Map<String, Set<Integer>> there = new HashMap<>();
            TENANTS.forEach(tenant -> there.put(tenant, new HashSet<>()));
            Set<Integer> pinnedThere = new HashSet<>();
            for (int id = 0; id < TENANTS.size() * IDS_EACH; id++) {
                if (tier.contains(TierCalls.key(id))) {
                    there.get(TENANTS.get(id / IDS_EACH)).add(id);
                }
            }
            tier.entries(
                    entry -> {
                        for (int id = 0; id < TENANTS.size() * IDS_EACH; id++) {
                            if (entry.pinned() && entry.key().equals(TierCalls.key(id))) {
                                pinnedThere.add(id);
                            }
                        }
                    });
            for (String tenant : TENANTS) {
                assertThat(there.get(tenant))
                        .as("%s after step %d", tenant, step)
                        .isEqualTo(Set.copyOf(held.get(tenant)))
                        .hasSizeLessThanOrEqualTo(QUOTAS.get(tenant));
            }
            assertThat(pinnedThere).as("pinned after step %d", step).isEqualTo(pinned);
        }
    }
}
