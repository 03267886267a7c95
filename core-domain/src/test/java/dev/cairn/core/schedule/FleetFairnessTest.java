package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.core.fleet.FleetSettings;
import dev.cairn.core.fleet.FleetWorker;
import dev.cairn.core.fleet.FleetWorker.Condition;
import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.ports.engine.GenerationBackend.BackendDescription;
import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.request.TokenEvent;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tenants share a fleet by weight, not by how much they ask; so do those whose time is short. */
class FleetFairnessTest {

    private static final long SECOND = 1_000_000_000;
    private static final long UNTIL = 3 * SECOND;
    private static final int WORKERS = 2;
    private static final int MUCH = 3000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void tenTimesTheLoadIsNoLargerShare(long seed) {
        Map<String, Double> served = new Run(seed, Map.of(), 0).served;
        assertThat(served.get("much") / served.get("little"))
                .as("seed %d: %s", seed, served)
                .isCloseTo(1, within(0.1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void norWhereLateRequestsAreRefusedAtOnce(long seed) {
        Run run = new Run(seed, Map.of(), SECOND / 2);
        assertThat(run.refused.get("much")).isGreaterThan(1000);
        assertThat(run.served.get("much") / run.served.get("little"))
                .as("seed %d: %s, refused %s", seed, run.served, run.refused)
                .isCloseTo(1, within(0.1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void sharesFollowTheWeights(long seed) {
        Run run = new Run(seed, Map.of("much", 3.0), SECOND / 2);
        assertThat(run.served.get("much") / run.served.get("little"))
                .as("seed %d: %s, refused %s", seed, run.served, run.refused)
                .isCloseTo(3, within(0.3));
    }

    /** Three seconds of requests, the last two of which count. */
    private static final class Run {

        private final Map<String, Double> served = new HashMap<>();
        private final Map<String, Integer> refused = new HashMap<>();
        private final VirtualDriver driver;
        private final RoutedBackend router;

        /**
         * @param patience nanoseconds until the first token; 0 = any
         */
        Run(long seed, Map<String, Double> weights, long patience) {
            driver = new VirtualDriver(seed);
            router =
                    new RoutedBackend(
                            new BackendDescription("fleet", "toy", 1 << 20, "simulated"),
                            FleetSettings.usual(16).withTenantWeights(weights),
                            new KvAware(),
                            driver,
                            driver,
                            driver.random("routing"),
                            new RecordedTelemetry());
            var settings =
                    new SchedulerSettings(8192, 64, Integer.MAX_VALUE, 1000, 1L << 40)
                            .withTenantWeights(weights);
            for (int i = 0; i < WORKERS; i++) {
                String name = "worker " + i;
                var worker = new SimulatedWorker(driver, name, SimulatedWorker.GPU, 5000, settings);
                router.join(
                        new FleetWorker(name, name, Role.ALL, Condition.READY, 5000, ""),
                        worker.backend);
            }
            load("much", MUCH, patience);
            load("little", MUCH / 10, patience);
            driver.runUntilIdle();
            assertThat(router.bookings()).isZero();
        }

        private void load(String tenant, int perSecond, long patience) {
            SeededRandom random = driver.random(tenant);
            double mean = (double) SECOND / perSecond;
            double at = random.nextExponential(mean);
            for (int i = 0; at < UNTIL; i++) {
                long arrival = (long) at;
                int prompt = 200 + random.nextInt(401);
                Ask ask =
                        new Ask(tenant + i, Ask.prompt((tenant + i).hashCode(), prompt))
                                .maxTokens(20 + random.nextInt(41))
                                .tenant(tenant)
                                .arrival(arrival);
                Ask timed = patience == 0 ? ask : ask.deadline(arrival + patience);
                driver.schedule(
                        arrival, () -> router.generate(timed.request(), client(tenant, prompt)));
                at += random.nextExponential(mean);
            }
        }

        /** Prompt tokens count when the first token comes, those of the answer twice. */
        private TokenListener client(String tenant, int prompt) {
            boolean[] hasFirst = new boolean[1];
            return event -> {
                if (event instanceof TokenEvent.Tokens(int _, var tokens)) {
                    double work = 2.0 * tokens.size() + (hasFirst[0] ? 0 : prompt);
                    hasFirst[0] = true;
                    if (driver.nanos() > SECOND && driver.nanos() <= UNTIL) {
                        served.merge(tenant, work, Double::sum);
                    }
                } else if (event instanceof TokenEvent.Failed) {
                    refused.merge(tenant, 1, Integer::sum);
                }
            };
        }
    }
}
