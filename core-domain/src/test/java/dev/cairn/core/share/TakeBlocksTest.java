package dev.cairn.core.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.share.Consignment.Offered;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.core.testing.SimulatedTransport.Fate;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a member takes over from another one, and says of it. */
class TakeBlocksTest {

    private static final KvLayout LAYOUT = new KvLayout(1, 4, 1, 1, KvType.FLOAT32);
    private static final KvLayout LARGE = new KvLayout(1, 64, 1, 1, KvType.FLOAT32);

    private final VirtualDriver driver = new VirtualDriver();
    private final SimulatedFleet fleet = new SimulatedFleet().attach(driver);
    private final SimulatedFleet.Node holder = fleet.join("holder");
    private final SimulatedFleet.Node taker = fleet.join("taker");
    private final ThrottledTier held = new ThrottledTier("host", 100).attach(driver).lending();
    private final ThrottledTier own = new ThrottledTier("host", 100).attach(driver);
    private final CountedLeases staging = new CountedLeases(2 * LAYOUT.blockBytes());
    private final TakeBlocks take =
            new TakeBlocks(
                    own, taker.membership(), taker.transport(), staging, driver, Telemetry.none());

    @BeforeEach
    void holderHolds() {
        holder.transport().serve(new TierSource(List.of(held), staging, driver, Telemetry.none()));
        for (int i = 0; i < 20; i++) {
            put(held, i);
        }
    }

    @Test
    void takesWhatItDoesNotHave() {
        put(own, 1);
        put(own, 5);
        assertThat(take(offered(0, 7))).isEqualTo("thtttht");
        assertThat(own.size()).isEqualTo(7);
        assertThat(staging.lent()).isZero();
    }

    @Test
    void whatTheOtherNoLongerHasFails() {
        assertThat(take(offered(18, 22))).isEqualTo("ttff");
    }

    @Test
    void anOtherThatBreaksIsNotAskedForTheRest() {
        int[] asked = new int[1];
        holder.transport().fate(_ -> asked[0]++ < 3 ? Fate.GOOD : Fate.FAILS);
        assertThat(take(offered(0, 20))).matches("tttf{17}");
        assertThat(asked[0]).isLessThan(6);
        assertThat(staging.lent()).isZero();
    }

    @Test
    void aBlockLargerThanTheMemoryForItFails() {
        put(own, 1);
        Offered large = new Offered(key(99), LARGE, "");
        assertThat(take(List.of(large))).isEqualTo("f");
    }

    @Test
    void noBlocksAreTakenAtOnce() {
        assertThat(take(List.of())).isEmpty();
    }

    @Test
    void strangersAreNotPulledFrom() {
        Answer answer = new Answer();
        take.take(new Consignment("stranger", offered(0, 2)).toJson(), answer);
        assertThat(answer.failure).hasMessageContaining("stranger");
    }

    @Test
    void nonsenseIsRefused() {
        Answer answer = new Answer();
        take.take(JsonValue.of("blocks, please"), answer);
        assertThat(answer.failure).isInstanceOf(IllegalArgumentException.class);
    }

    private String take(List<Offered> blocks) {
        Answer answer = new Answer();
        take.take(new Consignment("holder", blocks).toJson(), answer);
        driver.runUntilIdle();
        return ((JsonString) ((JsonObject) answer.answer).member("blocks")).value();
    }

    private static List<Offered> offered(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> new Offered(key(i), LAYOUT, "")).toList();
    }

    private void put(ThrottledTier tier, int id) {
        long bytes = LAYOUT.blockBytes();
        MemoryLease lease = new CountedLeases(bytes).tryLease(bytes);
        tier.put(
                List.of(new BlockWrite(key(id), BlockBytes.leaving(LAYOUT, lease), "")),
                (_, _) -> {});
        driver.runUntilIdle();
    }

    private static BlockKey key(int id) {
        return new BlockKey("m", new ComputeIdentity("i"), 0, new BlockHash(id, 0, 0, 0));
    }

    private static final class Answer implements Completion<JsonValue> {

        private JsonValue answer;
        private Throwable failure;

        @Override
        public void completed(JsonValue result) {
            answer = result;
        }

        @Override
        public void failed(Throwable why) {
            failure = why;
        }
    }
}
