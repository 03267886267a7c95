package dev.cairn.core.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.core.fleet.health.HealthOptions;
import dev.cairn.core.request.Accounts;
import dev.cairn.core.route.policy.ApproximatePrefix;
import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.relay.AttemptFailure;
import dev.cairn.ports.relay.Dialect;
import dev.cairn.ports.relay.PromptBlocks;
import dev.cairn.ports.relay.RelayCall;
import dev.cairn.ports.relay.RelayDesk.ProbeOutcome;
import dev.cairn.ports.relay.RelayQuestion;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.request.AccountRules;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import dev.cairn.ports.telemetry.Telemetry;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Relayed requests at the desk, in virtual time. */
class RelayRoutingTest {

    private static final long SECOND = 1_000_000_000L;

    private final List<RemoteWorker> workers = List.of(worker("a"), worker("b"), worker("c"));
    private final Accounts accounts = new Accounts(new StillClock(), Telemetry.none());
    private final RelayRouting desk = desk(Duration.ZERO);
    private int requests;
    private String tenant = "";

    @Test
    void aPromptGoesWhereItsBeginningWent() {
        ready(desk, workers);
        String system = "You answer briefly. ".repeat(200);
        RelayCall first = desk.open(question(system + "one"), 0);
        desk.open(question("something else entirely, and long enough to count. ".repeat(50)), 0);
        RelayCall second = desk.open(question(system + "two"), 0);
        assertThat(second.worker()).isEqualTo(first.worker());
    }

    @Test
    void anUnknownModelIsNotFoundAndAnAbsentWorkerIsNotThereYet() {
        desk.workers(workers, 0);
        assertRefused(() -> desk.open(question("x"), 0), Category.UNAVAILABLE);
        ready(desk, workers);
        assertRefused(
                () ->
                        desk.open(
                                new RelayQuestion("id", "", "other", "", new PromptBlocks(), true),
                                0),
                Category.NOT_FOUND);
        for (RemoteWorker worker : workers) {
            desk.probed(worker, new ProbeOutcome.Dead(AttemptFailure.REFUSED), 1);
        }
        assertRefused(() -> desk.open(question("x"), 2), Category.UNAVAILABLE);
        assertRefused(
                () ->
                        desk.open(
                                new RelayQuestion("id", "", "other", "", new PromptBlocks(), true),
                                2),
                Category.NOT_FOUND);
    }

    @Test
    void aFailedAttemptGoesElsewhereUntilNobodyIsLeft() {
        ready(desk, workers);
        RelayCall call = desk.open(question("x"), 0);
        Set<String> tried = new HashSet<>();
        tried.add(call.worker().name());
        assertThat(call.retry(call.worker(), AttemptFailure.UNAVAILABLE, 1)).isTrue();
        tried.add(call.worker().name());
        assertThat(call.retry(call.worker(), AttemptFailure.BROKEN, 2)).isTrue();
        tried.add(call.worker().name());
        assertThat(tried).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(call.retry(call.worker(), AttemptFailure.REFUSED, 3)).isFalse();
        assertThat(call.problem().message()).doesNotContain("127.0.0.1").doesNotContain("9000");
        call.end(false, 4);
        assertThat(desk.openBookings()).isZero();
    }

    @Test
    void retriesAreAShareOfTheRequests() {
        // Nobody's breaker opens: it would be in the way of what is counted.
        RelayRouting patient = desk(Duration.ZERO, 1_000_000);
        ready(patient, workers);
        int retries = 0;
        for (int i = 0; i < 2_000; i++) {
            RelayCall call = patient.open(question("x"), i * SECOND);
            if (call.retry(call.worker(), AttemptFailure.UNAVAILABLE, i * SECOND)) {
                retries++;
                call.answered(200, i * SECOND);
            }
            call.end(true, i * SECOND);
            ready(patient, workers, i * SECOND);
        }
        assertThat(retries).isBetween(300, 2_000 / 5 + 100);
    }

    @Test
    void whoIsGoneGetsNothingAndIsRememberedForNothing() {
        ready(desk, workers);
        String prompt = "the same beginning of a long prompt ".repeat(100);
        RemoteWorker first = answered(desk.open(question(prompt), 0));
        desk.probed(first, new ProbeOutcome.Dead(AttemptFailure.REFUSED), 1);
        assertThat(desk.isGone(first)).isTrue();
        RemoteWorker second = answered(desk.open(question(prompt), 2));
        assertThat(second).isNotEqualTo(first);
        ready(desk, List.of(first), 3);
        assertThat(answered(desk.open(question(prompt), 20 * SECOND))).isEqualTo(second);
    }

    @Test
    void aHedgeIsWonByOneAndBothAreLetGo() {
        RelayRouting hedging = desk(Duration.ofMillis(50));
        ready(hedging, workers);
        RelayCall call = hedging.open(question("x"), 0);
        RemoteWorker slow = call.worker();
        RemoteWorker quick = call.hedge(60_000_000).orElseThrow();
        assertThat(quick).isNotEqualTo(slow);
        assertThat(call.hedge(70_000_000)).isEmpty();
        assertThat(hedging.openBookings()).isEqualTo(2);
        call.answeredBy(quick, 80_000_000);
        call.answered(200, 80_000_000);
        assertThat(call.worker()).isEqualTo(quick);
        assertThat(hedging.openBookings()).isEqualTo(1);
        call.end(true, 90_000_000);
        assertThat(hedging.openBookings()).isZero();
    }

    @Test
    void longPromptsAreSplitAndShortOnesAreNot() {
        RemoteWorker prefill =
                new RemoteWorker("p", "127.0.0.1", 9001, Dialect.VLLM, Role.PREFILL, 0, -1);
        RemoteWorker decode =
                new RemoteWorker("d", "127.0.0.1", 9002, Dialect.VLLM, Role.DECODE, 0, -1);
        ready(desk, List.of(prefill, decode));
        RelayCall call = desk.open(question("y".repeat(10_000)), 0);
        assertThat(call.prefill()).contains(prefill);
        assertThat(call.worker()).isEqualTo(decode);
        assertThat(desk.openBookings()).isEqualTo(2);
        call.answered(200, 1);
        assertThat(desk.openBookings()).isEqualTo(1);
        assertThat(desk.open(question("short"), 0).prefill()).isEmpty();
        desk.probed(prefill, new ProbeOutcome.Dead(AttemptFailure.REFUSED), 2);
        assertThat(desk.open(question("z".repeat(10_000)), 3).prefill())
                .as("the decode worker reads it itself")
                .isEmpty();
    }

    @Test
    void sglangNeedsBothHalves() {
        RemoteWorker prefill =
                new RemoteWorker("p", "127.0.0.1", 9001, Dialect.SGLANG, Role.PREFILL, 8998, -1);
        RemoteWorker decode =
                new RemoteWorker("d", "127.0.0.1", 9002, Dialect.SGLANG, Role.DECODE, 0, -1);
        ready(desk, List.of(prefill, decode));
        assertThat(desk.open(question("short"), 0).prefill()).contains(prefill);
        desk.probed(prefill, new ProbeOutcome.Dead(AttemptFailure.REFUSED), 2);
        assertRefused(() -> desk.open(question("short"), 3), Category.UNAVAILABLE);
        assertThat(desk.openBookings()).isEqualTo(2);
    }

    @Test
    void whyARequestWentWhereCanBeAsked() {
        ready(desk, workers);
        RelayCall call = desk.open(question("x"), 0);
        JsonObject why = desk.explain("request-1").orElseThrow();
        assertThat(JsonWriter.write(why))
                .contains("\"worker\":\"" + call.worker().name() + "\"", "\"policy\":\"kv-aware\"");
        assertThat(desk.explain("request-2")).isEmpty();
    }

    @Test
    void accountsAreHeldToTheirRules() {
        ready(desk, workers);
        accounts.rules(
                Map.of(
                        "mine",
                        new AccountRules(
                                "me",
                                Set.of("m"),
                                OptionalInt.empty(),
                                OptionalLong.of(100),
                                OptionalLong.empty(),
                                0),
                        "theirs",
                        new AccountRules(
                                "they",
                                Set.of("other"),
                                OptionalInt.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                0)));
        tenant = "theirs";
        assertRefused(() -> desk.open(question("x"), 0), Category.NOT_FOUND);
        assertThat(desk.models("theirs")).isEmpty();
        assertThat(desk.models("mine")).hasSize(1);
        tenant = "mine";
        RelayCall call = desk.open(question("forty bytes are ten tokens or about that"), 0);
        assertThat(call.isMetered()).isTrue();
        call.answered(200, 1);
        call.answeredTokens(95);
        call.end(true, 2);
        assertRefused(() -> desk.open(question("x"), 3), Category.OVERLOADED);
        assertThat(desk.openBookings()).isZero();
        tenant = "";
        assertThat(desk.open(question("x"), 4).isMetered()).isFalse();
    }

    @Test
    void whateverHappensEveryBookingIsReleased() {
        for (long seed = 1; seed <= 200; seed++) {
            RelayRouting one = desk(seed % 2 == 0 ? Duration.ofMillis(1) : Duration.ZERO);
            new RandomLife(one, seed).live();
            assertThat(one.openBookings()).as("seed %d", seed).isZero();
            assertThat(one.running()).as("seed %d", seed).isZero();
        }
    }

    /** Workers come, go and fail while requests run. */
    private final class RandomLife {

        private final RelayRouting life;
        private final SeededRandom random;
        private final List<RelayCall> open = new ArrayList<>();
        private long nanos;

        RandomLife(RelayRouting life, long seed) {
            this.life = life;
            this.random = new SeededRandom(seed);
        }

        void live() {
            ready(life, workers);
            for (int step = 0; step < 500; step++) {
                nanos += draw(SECOND / 10);
                step();
            }
            open.forEach(call -> call.end(true, nanos));
        }

        private void step() {
            RemoteWorker any = workers.get((int) draw(workers.size()));
            switch ((int) draw(8)) {
                case 0 -> life.probed(any, new ProbeOutcome.Dead(failure()), nanos);
                case 1, 2 -> ready(life, List.of(any), nanos);
                case 3 -> life.workers(workers.subList(0, 1 + (int) draw(3)), nanos);
                case 4, 5 -> begin();
                default -> goOn();
            }
        }

        private void begin() {
            try {
                open.add(life.open(question("prompt " + draw(5)), nanos));
            } catch (RequestRefused nobody) {
                assertThat(nobody.problem().category())
                        .isIn(Category.UNAVAILABLE, Category.NOT_FOUND);
            }
        }

        private void goOn() {
            if (open.isEmpty()) {
                return;
            }
            RelayCall call = open.get((int) draw(open.size()));
            switch ((int) draw(4)) {
                case 0 -> call.answered(draw(2) == 0 ? 200 : 500, nanos);
                case 1 -> call.hedge(nanos);
                case 2 -> {
                    if (!call.retry(call.worker(), failure(), nanos)) {
                        call.end(false, nanos);
                        open.remove(call);
                    }
                }
                default -> {
                    call.end(draw(2) == 0, nanos);
                    call.end(true, nanos);
                    open.remove(call);
                }
            }
        }

        private AttemptFailure failure() {
            return AttemptFailure.values()[(int) draw(AttemptFailure.values().length)];
        }

        private long draw(long bound) {
            return Long.remainderUnsigned(random.nextLong(), bound);
        }
    }

    private static void assertRefused(Runnable asked, Category category) {
        assertThatThrownBy(asked::run)
                .isInstanceOfSatisfying(
                        RequestRefused.class,
                        refused -> assertThat(refused.problem().category()).isEqualTo(category));
    }

    private static RemoteWorker answered(RelayCall call) {
        RemoteWorker worker = call.worker();
        call.answered(200, 1);
        call.end(true, 1);
        return worker;
    }

    private RelayQuestion question(String prompt) {
        requests++;
        byte[] bytes = prompt.getBytes(StandardCharsets.UTF_8);
        return new RelayQuestion(
                "request-" + requests,
                tenant,
                "m",
                "",
                new PromptBlocks().over(List.of(MemorySegment.ofArray(bytes))),
                true);
    }

    private static void ready(RelayRouting desk, List<RemoteWorker> workers) {
        desk.workers(workers, 0);
        ready(desk, workers, 0);
    }

    private static void ready(RelayRouting desk, List<RemoteWorker> workers, long nanos) {
        JsonObject model = JsonObject.builder().put("id", "m").build();
        for (RemoteWorker worker : workers) {
            desk.probed(worker, new ProbeOutcome.Alive(Optional.of(List.of(model))), nanos);
        }
    }

    private RelayRouting desk(Duration hedgeAfter) {
        return desk(hedgeAfter, HealthOptions.USUAL.mostFailures());
    }

    private RelayRouting desk(Duration hedgeAfter, int mostFailures) {
        HealthOptions health = HealthOptions.USUAL;
        RelayOptions usual =
                RelayOptions.of(hedgeAfter.isZero() ? new KvAware() : new ApproximatePrefix());
        return new RelayRouting(
                new RelayOptions(
                        usual.policy(),
                        new HealthOptions(
                                health.probeWell(),
                                health.probeGone(),
                                health.mostSilent(),
                                mostFailures,
                                health.open(),
                                health.mostOpen(),
                                health.slowStart()),
                        16,
                        1_000,
                        1 << 12,
                        4,
                        0.2,
                        hedgeAfter,
                        4096),
                accounts);
    }

    private static RemoteWorker worker(String name) {
        return new RemoteWorker(
                name, "127.0.0.1", 9000 + name.charAt(0), Dialect.OPENAI, Role.ALL, 0, -1);
    }

    /** No time passes for accounts. */
    private static final class StillClock implements Clock {

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public long epochMillis() {
            return 0;
        }
    }
}
