package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.fleet.FleetSettings;
import dev.cairn.core.fleet.FleetWorker;
import dev.cairn.core.fleet.FleetWorker.Condition;
import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.ports.engine.GenerationBackend.BackendDescription;
import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.request.TokenEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More requests than a fleet can serve in time do not keep it from serving what it can. */
class OverloadedFleetTest {

    private static final long SECOND = 1_000_000_000;
    private static final long PATIENCE = SECOND / 2;
    private static final int PROMPT = 1_000;
    private static final int WORKERS = 2;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void tenTimesTheLoadCostsAtMostATenthOfTheGoodput(long seed) {
        double capacity = 0;
        for (int rate : List.of(40, 50, 60, 70, 80)) {
            capacity = Math.max(capacity, new Run(seed, rate).goodput());
        }
        Run overloaded = new Run(seed, (int) (10 * capacity));
        // Whatever it refused: more than at its best it could not have served.
        double needless = (capacity - overloaded.goodput()) * Run.SECONDS;
        System.out.printf(
                "OverloadedFleetTest: seed %d: %.1f requests/s in time at best, %.1f at ten times"
                        + " that load, %.0f of %d rejections needless%n",
                seed, capacity, overloaded.goodput(), needless, overloaded.rejected);
        assertThat(overloaded.goodput()).isGreaterThanOrEqualTo(0.9 * capacity);
        assertThat(overloaded.rejected).isGreaterThan(1_000);
        assertThat(needless).isLessThanOrEqualTo(overloaded.rejected / 20.0);
    }

    /** Ten seconds of requests. */
    private static final class Run {

        private static final int SECONDS = 10;

        private final VirtualDriver driver;
        private final RoutedBackend router;
        private final List<SimulatedWorker> workers = new ArrayList<>();
        private int inTime;
        private int rejected;

        Run(long seed, int rate) {
            driver = new VirtualDriver(seed);
            router =
                    new RoutedBackend(
                            new BackendDescription("fleet", "toy", 1 << 20, "simulated"),
                            FleetSettings.usual(16),
                            new KvAware(),
                            driver,
                            driver,
                            driver.random("routing"),
                            new RecordedTelemetry());
            for (int i = 0; i < WORKERS; i++) {
                String name = "worker " + i;
                SimulatedWorker worker =
                        new SimulatedWorker(
                                driver,
                                name,
                                SimulatedWorker.GPU,
                                8_000,
                                SchedulerSettings.forModelLength(8192));
                workers.add(worker);
                router.join(
                        new FleetWorker(name, name, Role.ALL, Condition.READY, 8_000, ""),
                        worker.backend);
            }
            var arrivals = driver.random("arrivals");
            double at = 0;
            for (int i = 0; at < SECONDS * (double) SECOND; i++) {
                double uniform = ((arrivals.nextLong() >>> 11) + 1) * 0x1p-53;
                at += -Math.log(uniform) * SECOND / rate;
                submit(i, (long) at);
            }
            driver.runUntilIdle();
            assertThat(router.bookings()).isZero();
        }

        double goodput() {
            return inTime / (double) SECONDS;
        }

        private void submit(int number, long at) {
            Ask ask =
                    new Ask("request " + number, Ask.prompt(number, PROMPT))
                            .maxTokens(10)
                            .arrival(at)
                            .deadline(at + PATIENCE);
            driver.schedule(at, () -> router.generate(ask.request(), new Client(at)));
        }

        private final class Client implements TokenListener {

            private final long arrived;
            private boolean hasFirst;

            Client(long arrived) {
                this.arrived = arrived;
            }

            @Override
            public void on(TokenEvent event) {
                if (event instanceof TokenEvent.Tokens && !hasFirst) {
                    hasFirst = true;
                    inTime += driver.nanos() <= arrived + PATIENCE ? 1 : 0;
                } else if (event instanceof TokenEvent.Failed(var problem)
                        && problem.code().equals("deadline_unreachable")) {
                    assertThat(problem.retryAfterMillis().getAsLong()).isBetween(1L, 60_000L);
                    rejected++;
                }
            }
        }
    }
}
