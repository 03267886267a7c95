package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.fleet.FleetSettings;
import dev.cairn.core.fleet.FleetWorker.Condition;
import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.route.policy.LeastLoad;
import dev.cairn.core.route.policy.RoundRobin;
import dev.cairn.core.route.policy.RoutingPolicies;
import dev.cairn.core.route.policy.SessionAffinity;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.core.testing.FarBackend;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a router does with requests whose workers come, go, fail and drain. */
class RoutedFleetTest {

    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final FleetSettings SETTINGS = FleetSettings.usual(4);

    private final RoutedFleet fleet = new RoutedFleet(1, new RoundRobin(), SETTINGS);

    @Test
    void anAnswerGoesOnElsewhereWhenItsWorkerDies() {
        FarBackend first = fleet.join();
        FarBackend second = fleet.join();
        Heard heard = fleet.submit(ask("a").maxTokens(40).logprobs(2));
        fleet.driver.runUntil(20 * MILLI);
        assertThat(heard.tokenCount()).isBetween(5, 35);
        FarBackend busy = first.live() == 1 ? first : second;
        FarBackend other = busy == first ? second : first;
        busy.kill();
        fleet.finish();
        assertThat(heard.answer()).isEqualTo(alone(heard.request()).answer());
        assertThat(other.asked()).hasSize(1);
        assertThat(other.asked().getFirst().continuation().choices()).hasSize(1);
        assertThat(other.asked().getFirst().id()).isEqualTo("a.2");
        assertThat(fleet.migrations()).isEqualTo(1);
        assertThat(fleet.telemetry.histogram("cairn:migration_gap_seconds{toy}"))
                .singleElement()
                .satisfies(gap -> assertThat(gap).isBetween(0.001, 0.1));
    }

    @Test
    void aWorkerThatCannotBeReachedCostsAnotherTry() {
        fleet.join().kill();
        fleet.join();
        for (int i = 0; i < 20; i++) {
            fleet.submit(ask("request " + i));
        }
        fleet.finish();
        assertThat(fleet.router.openWorkers()).isPositive();
        assertThat(fleet.telemetry.counter("cairn:routing_retries_total{toy}")).isPositive();
        assertThat(fleet.workers.get(1).asked()).hasSize(20);
    }

    @Test
    void allWorkersDeadIsToldAtOnce() {
        fleet.join().kill();
        fleet.join().kill();
        fleet.driver.runUntilIdle();
        // Those who saw them die waited for them to come back.
        fleet.submit(ask("first"));
        fleet.driver.runUntil(5_000 * MILLI);
        Heard heard = fleet.submit(ask("second"));
        fleet.driver.runUntil(5_100 * MILLI);
        assertThat(heard.problem().category()).isEqualTo(Category.UNAVAILABLE);
        fleet.finish();
    }

    @Test
    void nobodyThereIsToldAtOnce() {
        Heard heard = fleet.submit(ask("a"));
        fleet.driver.runUntil(0);
        assertThat(heard.problem().code()).isEqualTo("no_worker_ready");
        assertThat(heard.problem().retryAfterMillis()).hasValue(1000);
    }

    @Test
    void requestsWaitForAWorkerThatStarts() {
        fleet.join();
        fleet.router.change(RoutedFleet.facts(0, Role.ALL, Condition.STARTING));
        Heard heard = fleet.submit(ask("a"));
        fleet.driver.runUntil(3_000 * MILLI);
        assertThat(heard.isOver()).isFalse();
        fleet.router.change(RoutedFleet.facts(0, Role.ALL, Condition.READY));
        fleet.finish();
        assertThat(heard.answer()).isEqualTo(alone(heard.request()).answer());
    }

    @Test
    void whoWasLostByEveryWorkerComesBackToOne() {
        FarBackend first = fleet.join();
        FarBackend second = fleet.join();
        Heard heard = fleet.submit(ask("a").maxTokens(40));
        fleet.driver.runUntil(MILLI / 10);
        FarBackend busy = first.live() == 1 ? first : second;
        FarBackend other = busy == first ? second : first;
        busy.interrupt();
        fleet.driver.runUntil(MILLI / 2);
        assertThat(other.live()).isEqualTo(1);
        other.interrupt();
        assertThat(heard.tokenCount()).isZero();
        fleet.finish();
        assertThat(heard.answer()).isEqualTo(alone(heard.request()).answer());
    }

    /** It may be what kills them. */
    @Test
    void whoKillsOneWorkerAfterTheOtherIsNotGivenToAll() {
        for (int i = 0; i < 6; i++) {
            fleet.join();
        }
        Heard heard = fleet.submit(ask("a").maxTokens(40));
        for (int i = 0; i < 6 && !heard.isOver(); i++) {
            fleet.driver.runUntil(fleet.driver.nanos() + MILLI / 2);
            fleet.workers.stream().filter(worker -> worker.live() == 1).forEach(FarBackend::kill);
        }
        fleet.finish();
        assertThat(heard.problem().code()).isEqualTo("worker_lost");
        assertThat(fleet.workers.stream().mapToInt(worker -> worker.asked().size()).sum())
                .isEqualTo(SETTINGS.mostTries());
    }

    /** Workers that drain, or are slow to answer, are no reason to give up. */
    @Test
    void whoIsHandedOnManyTimesIsAnsweredInTheEnd() {
        fleet.join();
        fleet.join();
        Heard heard = fleet.submit(ask("a").maxTokens(40));
        for (int i = 0; i < 5 * SETTINGS.mostTries(); i++) {
            while (fleet.workers.stream().allMatch(worker -> worker.live() == 0)) {
                fleet.driver.runUntil(fleet.driver.nanos() + MILLI / 10);
                assertThat(heard.isOver()).isFalse();
            }
            fleet.workers.forEach(FarBackend::interrupt);
        }
        assertThat(heard.tokenCount()).isZero();
        fleet.finish();
        assertThat(heard.answer()).isEqualTo(alone(heard.request()).answer());
    }

    @Test
    void anAnswerThatHasBegunWaitsAsLongAsAWorkerIsThere() {
        FarBackend only = fleet.join();
        Heard heard = fleet.submit(ask("a").maxTokens(40));
        fleet.driver.runUntil(20 * MILLI);
        only.kill();
        fleet.driver.runUntil(25 * MILLI);
        fleet.router.change(RoutedFleet.facts(0, Role.ALL, Condition.STARTING));
        fleet.driver.runUntil(3 * SETTINGS.longestWaitNanos());
        assertThat(heard.isOver()).isFalse();
        fleet.router.change(RoutedFleet.facts(0, Role.ALL, Condition.AWAY));
        fleet.driver.runUntil(fleet.driver.nanos() + SETTINGS.longestWaitNanos() - 100 * MILLI);
        assertThat(heard.isOver()).isFalse();
        only.revive();
        fleet.router.change(RoutedFleet.facts(0, Role.ALL, Condition.READY));
        fleet.finish();
        assertThat(heard.answer()).isEqualTo(alone(heard.request()).answer());
    }

    @Test
    void anAnswerThatHasBegunIsGivenUpWhenNobodyIsThereForLong() {
        FarBackend only = fleet.join();
        Heard heard = fleet.submit(ask("a").maxTokens(40));
        fleet.driver.runUntil(20 * MILLI);
        only.kill();
        fleet.router.change(RoutedFleet.facts(0, Role.ALL, Condition.AWAY));
        fleet.driver.runUntil(SETTINGS.longestWaitNanos() + 1_000 * MILLI);
        assertThat(heard.problem().code()).isEqualTo("worker_lost");
        fleet.finish();
    }

    @Test
    void requestsWaitNoLongerThanTheirDeadlineOrTheRooms() {
        RoutedFleet small =
                new RoutedFleet(1, new RoundRobin(), SETTINGS.withWaiting(2, 10_000 * MILLI));
        small.join();
        small.router.change(RoutedFleet.facts(0, Role.ALL, Condition.STARTING));
        Heard first = small.submit(ask("a").deadline(500 * MILLI));
        Heard second = small.submit(ask("b"));
        Heard third = small.submit(ask("c"));
        small.driver.runUntil(600 * MILLI);
        assertThat(first.problem().code()).isEqualTo("deadline_exceeded");
        assertThat(third.problem().code()).isEqualTo("waiting_room_full");
        assertThat(second.isOver()).isFalse();
        small.driver.runUntil(10_001 * MILLI);
        assertThat(second.problem().code()).isEqualTo("no_worker_ready");
        small.finish();
    }

    @Test
    void anAnswerThatHasBegunWaitsForAWorkerThatComes() {
        FarBackend only = fleet.join();
        Heard heard = fleet.submit(ask("a").maxTokens(40));
        fleet.driver.runUntil(20 * MILLI);
        only.kill();
        fleet.driver.runUntil(4_000 * MILLI);
        assertThat(heard.isOver()).isFalse();
        fleet.join();
        fleet.finish();
        assertThat(heard.answer()).isEqualTo(alone(heard.request()).answer());
    }

    @Test
    void whatAWorkerDrainsGoesOnElsewhere() {
        FarBackend first = fleet.join();
        FarBackend second = fleet.join();
        Heard heard = fleet.submit(ask("a").maxTokens(40).choices(3).seed(4).temperature(1));
        fleet.driver.runUntil(20 * MILLI);
        int busy = first.live() == 1 ? 0 : 1;
        fleet.router.change(RoutedFleet.facts(busy, Role.ALL, Condition.DRAINING));
        Heard later = fleet.submit(ask("b"));
        fleet.driver.runUntil(22 * MILLI);
        fleet.workers.get(busy).interrupt();
        fleet.finish();
        assertThat(heard.answer()).isEqualTo(alone(heard.request()).answer());
        assertThat(later.answer()).isEqualTo(alone(later.request()).answer());
        assertThat(fleet.workers.get(busy).asked()).hasSize(1);
        assertThat((busy == 0 ? second : first).asked()).hasSize(2);
    }

    @Test
    void whatALeftWorkerDidGoesOnElsewhere() {
        FarBackend first = fleet.join();
        fleet.join();
        Heard a = fleet.submit(ask("a").maxTokens(40));
        Heard b = fleet.submit(ask("b").maxTokens(40));
        fleet.driver.runUntil(20 * MILLI);
        first.stop();
        fleet.router.leave(RoutedFleet.name(0));
        // Its number is another's now.
        fleet.join();
        fleet.finish();
        assertThat(first.isClosed()).isTrue();
        assertThat(a.answer()).isEqualTo(alone(a.request()).answer());
        assertThat(b.answer()).isEqualTo(alone(b.request()).answer());
        assertThat(fleet.migrations()).isEqualTo(1);
    }

    @Test
    void whoIsWithdrawnIsWithdrawnAtTheWorkerToo() {
        fleet.join();
        Heard heard = new Heard(ask("a").maxTokens(100).request());
        Cancellation abort = fleet.begin(heard);
        fleet.driver.runUntil(20 * MILLI);
        abort.cancel();
        fleet.driver.runUntil(24 * MILLI);
        assertThat(heard.problem().category()).isEqualTo(Category.CANCELLED);
        assertThat(fleet.workers.getFirst().aborts()).isEqualTo(1);
        assertThat(fleet.engines.getFirst().backend.load().running()).isZero();
        fleet.finish();
    }

    @Test
    void aRequestThatIsWrongIsNotTriedTwice() {
        fleet.join();
        fleet.join();
        Heard heard = fleet.submit(new Ask("a", Ask.prompt(1, 600)));
        fleet.finish();
        assertThat(heard.problem().category()).isEqualTo(Category.INVALID);
        assertThat(fleet.workers.get(0).asked().size() + fleet.workers.get(1).asked().size())
                .isEqualTo(1);
    }

    @Test
    void longPromptsAreReadByPrefillWorkersAndShortOnesAreNot() {
        RoutedFleet split = new RoutedFleet(1, new KvAware(), SETTINGS.withSplit(64, 0.3));
        FarBackend decode =
                split.join(
                        Role.DECODE,
                        toy -> toy.fullAttention(4, 400),
                        SchedulerSettings.forModelLength(512));
        FarBackend prefill =
                split.join(
                        Role.PREFILL,
                        toy -> toy.fullAttention(4, 400),
                        SchedulerSettings.forModelLength(512));
        split.submit(new Ask("long", Ask.prompt(1, 100)));
        split.submit(new Ask("short", Ask.prompt(2, 50)));
        split.finish();
        split.submit(new Ask("long again", Ask.prompt(1, 100)));
        split.finish();
        assertThat(decode.asked())
                .extracting(request -> request.prefillAt().isPresent())
                .containsExactly(true, false, false);
        assertThat(decode.asked().getFirst().prefillAt().orElseThrow().address())
                .isEqualTo("host:9001");
        assertThat(prefill.asked()).isEmpty();
    }

    @Test
    void twoRequestsOfOneNameAreNotServedAtOnce() {
        fleet.join();
        Heard first = fleet.submit(ask("a"));
        Heard second = fleet.submit(ask("a"));
        fleet.finish();
        assertThat(first.problem()).isNull();
        assertThat(second.problem().parameter()).hasValue("request_id");
    }

    @Test
    void whoIsClosedFailsWhatIsAliveAndClosesItsWorkers() {
        fleet.join();
        Heard heard = fleet.submit(ask("a").maxTokens(100));
        fleet.driver.runUntil(20 * MILLI);
        fleet.router.close();
        fleet.driver.runUntilIdle();
        assertThat(heard.problem().code()).isEqualTo("shutting_down");
        assertThat(fleet.workers.getFirst().isClosed()).isTrue();
        Heard late = fleet.submit(ask("b"));
        assertThat(late.problem().code()).isEqualTo("shutting_down");
    }

    @Test
    void whatWasDecidedIsToldToWhoAsks() {
        FarBackend first = fleet.join();
        FarBackend second = fleet.join();
        fleet.submit(ask("a").maxTokens(40));
        fleet.driver.runUntil(20 * MILLI);
        (first.live() == 1 ? first : second).kill();
        fleet.finish();
        String story = explain(fleet, "a");
        assertThat(story)
                .contains(
                        "\"outcome\":\"answered\"",
                        "\"outcome\":\"interrupted: connection reset\"",
                        "\"policy\":\"round-robin\"",
                        "\"predicted_uncached_tokens\":15",
                        "\"actual_uncached_tokens\":15",
                        "\"predicted\":{\"cost\":",
                        "\"actual\":{\"cost\":");
        assertThat(story)
                .containsPattern("\"cached_tokens\":0,\"read_ms\":[0-9.]+,\"first_token_ms\":");
        assertThat(explain(fleet, "b")).isEqualTo("nothing");
    }

    private static String explain(RoutedFleet fleet, String request) {
        List<String> told = new ArrayList<>();
        fleet.router.explain(
                request,
                new Completion<>() {
                    @Override
                    public void completed(Optional<JsonObject> story) {
                        told.add(story.map(JsonWriter::write).orElse("nothing"));
                    }

                    @Override
                    public void failed(Throwable failure) {
                        throw new AssertionError(failure);
                    }
                });
        fleet.driver.runUntilIdle();
        return told.getFirst();
    }

    @Test
    void aHundredPoliciesTakeTurnsUnderLoadAndNothingIsLost() {
        fleet.join();
        fleet.join();
        fleet.join();
        List<RoutingPolicy> policies = RoutingPolicies.all();
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            fleet.router.decideBy(policies.get(i % policies.size()));
            for (int j = 0; j < 3; j++) {
                heard.add(fleet.submit(ask("request " + i + " " + j).maxTokens(20)));
            }
            fleet.driver.runUntil(fleet.driver.nanos() + 3 * MILLI);
        }
        fleet.finish();
        for (Heard one : heard) {
            assertThat(one.answer()).isEqualTo(alone(one.request()).answer());
        }
        assertThat(fleet.workers).allMatch(worker -> worker.asked().size() > 20);
    }

    @Test
    void aSessionStaysWithItsWorker() {
        RoutedFleet sessions = new RoutedFleet(1, new SessionAffinity(), SETTINGS);
        for (int i = 0; i < 4; i++) {
            sessions.join();
        }
        for (int turn = 0; turn < 5; turn++) {
            for (int session = 0; session < 8; session++) {
                String name = "session " + session;
                sessions.submit(ask("turn " + turn + " of " + name).session(name).maxTokens(2));
            }
            sessions.finish();
        }
        for (int session = 0; session < 8; session++) {
            String name = "session " + session;
            assertThat(
                            sessions.workers.stream()
                                    .filter(
                                            worker ->
                                                    worker.asked().stream()
                                                            .anyMatch(
                                                                    asked ->
                                                                            asked.session()
                                                                                    .equals(name))))
                    .as(name)
                    .hasSize(1);
        }
    }

    @Test
    void twoRoutersShareTheLoadAndEitherMayDie() {
        RoutedFleet one = new RoutedFleet(1, new LeastLoad(), SETTINGS);
        RoutedFleet other = new RoutedFleet(one, new LeastLoad(), SETTINGS);
        for (int i = 0; i < 4; i++) {
            one.join();
            other.joinThatOf(one, i);
        }
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 4; i++) {
                RoutedFleet router = i < 2 ? other : one;
                router.submit(ask("request " + round + " " + i).maxTokens(30));
                one.driver.runUntil(one.driver.nanos() + 4 * MILLI);
            }
            for (int i = 0; i < 4; i++) {
                assertThat(one.workers.get(i).live() + other.workers.get(i).live()).isEqualTo(1);
            }
            one.driver.runUntilIdle();
        }
        Heard lost = other.submit(ask("lost").maxTokens(100));
        Heard kept = one.submit(ask("kept").maxTokens(100));
        one.driver.runUntil(one.driver.nanos() + 10 * MILLI);
        other.router.close();
        one.finish();
        assertThat(lost.problem().code()).isEqualTo("shutting_down");
        assertThat(kept.answer()).isEqualTo(alone(kept.request()).answer());
    }

    @Test
    void aRouterExplainsWhatOthersBooked() {
        RoutedFleet one = new RoutedFleet(1, new LeastLoad(), SETTINGS);
        RoutedFleet other = new RoutedFleet(one, new LeastLoad(), SETTINGS);
        one.join();
        other.joinThatOf(one, 0);
        one.submit(ask("first").maxTokens(100));
        one.submit(ask("second").maxTokens(100));
        one.driver.runUntil(one.driver.nanos() + 4 * MILLI);
        other.submit(ask("third").maxTokens(10));
        one.driver.runUntil(one.driver.nanos() + MILLI);
        List<Optional<JsonObject>> stories = new ArrayList<>();
        other.router.explain("third", told(stories));
        List<List<JsonObject>> workers = new ArrayList<>();
        other.router.workers(told(workers));
        one.driver.runUntilIdle();
        assertThat(JsonWriter.write(stories.getFirst().orElseThrow()))
                .contains("\"running\":2", "\"booked_by_other_routers\":2");
        assertThat(JsonWriter.write(workers.getFirst().getFirst()))
                .contains("\"booked_elsewhere\":{\"running\":2", "\"state\":\"ready\"");
        one.finish();
        other.finish();
    }

    private static <T> Completion<T> told(List<T> to) {
        return new Completion<>() {
            @Override
            public void completed(T value) {
                to.add(value);
            }

            @Override
            public void failed(Throwable failure) {
                throw new AssertionError(failure);
            }
        };
    }

    private static Ask ask(String id) {
        return new Ask(id, ByteCodec.bytes("the prompt of " + id));
    }

    private static Heard alone(GenerationRequest request) {
        Bench bench = Bench.roomy();
        Heard heard = bench.submit(request);
        bench.finish();
        return heard;
    }
}
