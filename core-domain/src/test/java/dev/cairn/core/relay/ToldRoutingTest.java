package dev.cairn.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.request.Accounts;
import dev.cairn.core.route.PrefixIndex;
import dev.cairn.core.route.PrefixIndexOptions;
import dev.cairn.core.route.policy.KvAware;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.relay.AttemptFailure;
import dev.cairn.ports.relay.BlockShape;
import dev.cairn.ports.relay.Dialect;
import dev.cairn.ports.relay.PromptBlocks;
import dev.cairn.ports.relay.ReadPrompt;
import dev.cairn.ports.relay.RelayCall;
import dev.cairn.ports.relay.RelayDesk.ProbeOutcome;
import dev.cairn.ports.relay.RelayQuestion;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.telemetry.Telemetry;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Relayed requests go where engines say their blocks are. */
class ToldRoutingTest {

    private static final int BLOCK = 32;
    private static final long[] KEYS = {11, 12, 13, 14};
    private static final RemoteWorker A = worker("a", 9001);
    private static final RemoteWorker B = worker("b", 9002);

    private final Told told = new Told();
    private final RelayRouting desk =
            new RelayRouting(
                    RelayOptions.of(new KvAware()),
                    new Accounts(new NoTime(), Telemetry.none()),
                    told);

    @BeforeEach
    void begin() {
        desk.workers(List.of(A, B), 0);
        for (RemoteWorker worker : List.of(A, B)) {
            desk.probed(
                    worker,
                    new ProbeOutcome.Alive(
                            Optional.of(
                                    List.of(
                                            JsonObject.builder().put("id", "m").build(),
                                            JsonObject.builder()
                                                    .put("id", "tuned")
                                                    .put("parent", "m")
                                                    .build()))),
                    0);
        }
    }

    @Test
    void promptsAreReadOnceAnEngineHasToldOfBlocks() {
        assertThat(desk.blocksOf("m")).isEmpty();
        told.blockTokens[1] = BLOCK;
        assertThat(desk.blocksOf("m")).contains(new BlockShape(BLOCK, ""));
        assertThat(desk.blocksOf("tuned")).contains(new BlockShape(BLOCK, "tuned"));
        assertThat(desk.blocksOf("other")).isEmpty();
    }

    @Test
    void aPromptGoesWhereItsBlocksAreSaidToBe() {
        told.both();
        told.index.stored(1, 0, PrefixIndex.NO_PARENT, KEYS, 0, KEYS.length);
        for (int i = 0; i < 10; i++) {
            assertThat(answered(ask())).isEqualTo(B);
        }
        told.index.cleared(1);
        told.index.stored(0, 0, PrefixIndex.NO_PARENT, KEYS, 0, KEYS.length);
        for (int i = 0; i < 10; i++) {
            assertThat(answered(ask())).as("b was reset, a has them now").isEqualTo(A);
        }
        assertThat(desk.openBookings()).isZero();
    }

    @Test
    void aPromptOnItsWayCountsUntilItsFirstToken() {
        told.both();
        RelayCall first = ask();
        RelayCall second = ask();
        assertThat(second.worker()).isEqualTo(first.worker());
        first.answered(200, 1);
        second.answered(200, 1);
        first.end(true, 1);
        second.end(true, 1);
        List<RemoteWorker> went = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            went.add(answered(ask()));
        }
        assertThat(went).as("nobody said that it kept anything").contains(A, B);
    }

    @Test
    void anEngineThatIsGoneIsFollowedAnewAndOneThatLeftIsNot() {
        told.both();
        int before = told.followed.size();
        desk.probed(A, new ProbeOutcome.Dead(AttemptFailure.REFUSED), 1);
        assertThat(told.followed.subList(before, told.followed.size())).containsExactly("a");
        desk.workers(List.of(B), 2);
        assertThat(told.left).containsExactly(0);
    }

    private RelayCall ask() {
        byte[] text = "a text of which nobody was sent anything".getBytes();
        return desk.open(
                new RelayQuestion(
                        "id",
                        "",
                        "m",
                        "",
                        new PromptBlocks().over(List.of(MemorySegment.ofArray(text))),
                        new ReadPrompt(KEYS, BLOCK, KEYS.length * BLOCK + 5),
                        true),
                0);
    }

    private static RemoteWorker answered(RelayCall call) {
        RemoteWorker worker = call.worker();
        call.answered(200, 1);
        call.end(true, 1);
        return worker;
    }

    private static RemoteWorker worker(String name, int port) {
        return new RemoteWorker(name, "127.0.0.1", port, Dialect.VLLM, Role.ALL, 0, -1);
    }

    /** What engines say, written by the test. */
    private static final class Told implements EngineHoldings {

        private final PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(1_000, 1_024));
        private final int[] blockTokens = new int[1_024];
        private final List<String> followed = new ArrayList<>();
        private final List<Integer> left = new ArrayList<>();

        void both() {
            blockTokens[0] = BLOCK;
            blockTokens[1] = BLOCK;
        }

        @Override
        public void follow(int number, RemoteWorker worker) {
            followed.add(worker.name());
        }

        @Override
        public void leave(int number) {
            left.add(number);
        }

        @Override
        public int blockTokens(int number) {
            return blockTokens[number];
        }

        @Override
        public String state(int number) {
            return "current";
        }

        @Override
        public PrefixIndex index() {
            return index;
        }
    }

    private record NoTime() implements Clock {

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
