package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.fleet.FleetSettings;
import dev.cairn.core.route.policy.RoutingPolicies;
import dev.cairn.core.testing.FarBackend;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** A request's answer is the same whatever happens to its workers meanwhile. */
class MigrationTest {

    private static final int LENGTH = 60;
    private static final long MILLI = 1_000_000;

    private static double migrations;
    private static int requests;
    private static int aborted;
    private static int failed;
    private static int late;

    @AfterAll
    static void muchHappened() {
        System.out.printf(
                "MigrationTest: %d requests, %.0f migrations, %d aborted, %d too late, %d told"
                        + " that no worker is ready%n",
                requests, migrations, aborted, late, failed);
        assertThat(migrations).isGreaterThan(requests / 10.0);
        assertThat(failed).isLessThan(requests / 10);
        assertThat(late).isPositive().isLessThan(requests / 5);
    }

    @RepeatedTest(250)
    void noTokenIsLostOrToldTwice(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        List<RoutingPolicy> policies = RoutingPolicies.all();
        RoutedFleet fleet =
                new RoutedFleet(
                        seed,
                        policies.get(random.nextInt(policies.size())),
                        FleetSettings.usual(4).withSplit(16, 0.3));
        int workers = 2 + random.nextInt(4);
        for (int i = 0; i < workers; i++) {
            join(fleet, random);
        }
        List<Heard> heard = new ArrayList<>();
        List<Heard> withdrawn = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            Ask ask = Ask.any(random, "request " + i, LENGTH).arrival(i);
            if (random.nextInt(3) == 0) {
                ask.deadline(fleet.driver.nanos() + (20 + random.nextInt(300)) * MILLI);
            }
            Heard one = new Heard(ask.request());
            heard.add(one);
            Cancellation abort = fleet.begin(one);
            if (random.nextInt(12) == 0) {
                long at = fleet.driver.nanos() + random.nextInt(30) * MILLI;
                fleet.driver.schedule(at, abort::cancel);
                withdrawn.add(one);
            }
            fleet.driver.runUntil(fleet.driver.nanos() + random.nextInt(8) * MILLI);
            disturb(fleet, random);
        }
        fleet.workers.forEach(FarBackend::revive);
        fleet.finish();
        requests += heard.size();
        migrations += fleet.migrations();
        for (Heard one : heard) {
            judge(one, withdrawn, seed);
        }
    }

    private static void join(RoutedFleet fleet, Random random) {
        int blocks = LENGTH / 4 + 2;
        fleet.join(
                random.nextInt(4) == 0 && fleet.workers.size() > 1 ? Role.PREFILL : Role.ALL,
                toy ->
                        toy.fullAttention(4, blocks + random.nextInt(4 * blocks))
                                .perStep(
                                        8 + random.nextInt(40),
                                        1 + random.nextInt(10),
                                        1 + random.nextInt(20)),
                SchedulerSettings.forModelLength(LENGTH));
    }

    private static void disturb(RoutedFleet fleet, Random random) {
        int number = random.nextInt(fleet.workers.size());
        FarBackend worker = fleet.workers.get(number);
        switch (random.nextInt(16)) {
            case 0, 1 -> {
                worker.kill();
                back(fleet, worker, random);
            }
            case 2 -> {
                worker.stop();
                back(fleet, worker, random);
            }
            case 3, 4 -> worker.interrupt();
            case 5 -> {
                fleet.router.leave(RoutedFleet.name(number));
                join(fleet, random);
            }
            default -> {}
        }
    }

    private static void back(RoutedFleet fleet, FarBackend worker, Random random) {
        long after = fleet.driver.nanos() + (20 + random.nextInt(400)) * MILLI;
        fleet.driver.schedule(after, worker::revive);
    }

    private static void judge(Heard one, List<Heard> withdrawn, long seed) {
        if (one.problem() != null && one.problem().category() == Category.CANCELLED) {
            aborted++;
            assertThat(withdrawn).contains(one);
        } else if (one.problem() != null && one.problem().category() == Category.UNAVAILABLE) {
            failed++;
        } else if (one.problem() != null && one.problem().category() == Category.OVERLOADED) {
            late++;
            assertThat(one.request().deadlineNanos()).isPresent();
            assertThat(one.ids())
                    .as("told of %s, seed %d", one.request().id(), seed)
                    .allMatch(List::isEmpty);
        } else {
            assertThat(one.answer())
                    .as("seed %d, %s", seed, one.request().id())
                    .isEqualTo(alone(one).answer());
        }
    }

    private static Heard alone(Heard one) {
        Bench bench =
                new Bench(
                        toy -> toy.fullAttention(16, 100).perStep(1024, 64, 1024),
                        SchedulerSettings.forModelLength(LENGTH));
        Heard heard = bench.submit(one.request());
        bench.finish();
        return heard;
    }
}
