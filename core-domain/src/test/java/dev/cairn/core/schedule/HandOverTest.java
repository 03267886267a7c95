package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.share.HandOverReport;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.core.testing.SimulatedTransport.Fate;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.system.Completion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A member that leaves takes hardly any hits with it, and blocks that are moved are there and
 * nowhere else. Three servers; every prompt begins with one of 24 texts of 96 tokens, and goes to
 * the server that its text belongs to.
 */
class HandOverTest {

    private static final int TEXTS = 24;
    private static final int TEXT_TOKENS = 96;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final VirtualDriver driver = new VirtualDriver();
    private final SimulatedFleet fleet = new SimulatedFleet().attach(driver);
    private final List<SharingServer> servers = new ArrayList<>();
    private int asked;

    @Test
    void drainingKeepsTheHits() {
        start(1000);
        round();
        int before = round();
        HandOverReport report = drain(servers.getFirst(), Long.MAX_VALUE, MINUTE);
        leave(servers.getFirst());
        int after = round();
        System.out.printf("cached tokens before a drain %d, after it %d%n", before, after);
        assertThat(report.inTime()).isTrue();
        assertThat(report.left()).isZero();
        assertThat((double) after).isGreaterThanOrEqualTo(0.95 * before);
    }

    /** What the test above is worth: without a word, a third of the hits is gone. */
    @Test
    void leavingWithoutDrainingLosesThem() {
        start(1000);
        round();
        int before = round();
        leave(servers.getFirst());
        assertThat((double) round()).isLessThan(0.75 * before);
    }

    @Test
    void fullTiersLetAQuarterGo() {
        // 8 texts of 6 blocks and the ends of prompts: each tier holds little more.
        start(70);
        for (int i = 0; i < 6; i++) {
            round();
        }
        assertThat(servers).allMatch(server -> server.tiers.getFirst().counts().evicted() > 0);
        HandOverReport report = drain(servers.getFirst(), Long.MAX_VALUE, MINUTE);
        // Two members let a quarter of 70 blocks go each.
        assertThat(report.handed()).isBetween(30, 36);
        assertThat(report.left()).isPositive();
    }

    @Test
    void theBytesAndTheTimeAreBounds() {
        start(1000);
        round();
        assertThat(drain(servers.get(0), 10 * 128, MINUTE).handed()).isEqualTo(10);
        servers.get(1).node.transport().fate(_ -> Fate.STALLS);
        long begin = driver.nanos();
        HandOverReport late = drain(servers.get(1), Long.MAX_VALUE, Duration.ofMillis(500));
        assertThat(late.inTime()).isFalse();
        assertThat(late.left()).isPositive();
        assertThat(driver.nanos() - begin).isLessThan(10 * SharingServer.SECOND);
    }

    @Test
    void aMemberThatDoesNotAnswerIsPassedOver() {
        start(1000);
        round();
        servers.get(1).node.answer("cairn.blocks.take", (_, done) -> done.failed(new Broken()));
        HandOverReport report = drain(servers.get(0), Long.MAX_VALUE, MINUTE);
        assertThat(report.left()).isZero();
        assertThat(fleet.announced("2", "host")).containsAll(held(servers.get(0)));
    }

    /** Whoever loses sight of the leaving member for a moment finds it again. */
    @Test
    void theOnlyMemberIsAskedAgain() {
        start(1000);
        round();
        leave(servers.get(2));
        AtomicInteger asks = new AtomicInteger();
        SharingServer stays = servers.get(1);
        stays.node.answer(
                "cairn.blocks.take",
                (what, done) -> {
                    if (asks.incrementAndGet() <= 3) {
                        done.failed(new Broken());
                    } else {
                        stays.takeBlocks.take(what, done);
                    }
                });
        HandOverReport report = drain(servers.get(0), Long.MAX_VALUE, MINUTE);
        assertThat(report.left()).isZero();
        assertThat(asks).hasValueGreaterThan(3);
        assertThat(held(stays)).containsAll(held(servers.get(0)));
    }

    /** Nobody waits for it until the time is up. */
    @Test
    void aMemberThatNeverAnswersIsAskedFourTimes() {
        start(1000);
        round();
        leave(servers.get(2));
        AtomicInteger asks = new AtomicInteger();
        servers.get(1)
                .node
                .answer(
                        "cairn.blocks.take",
                        (_, done) -> {
                            asks.incrementAndGet();
                            done.failed(new Broken());
                        });
        HandOverReport report = drain(servers.get(0), Long.MAX_VALUE, MINUTE);
        assertThat(report.handed()).isZero();
        assertThat(report.inTime()).isTrue();
        assertThat(asks).hasValue(4);
    }

    @Test
    void whatAnotherMemberHoldsIsNotHandedOver() {
        start(1000);
        ask(servers.get(0), 0);
        ask(servers.get(1), 0);
        ask(servers.get(0), 3);
        HandOverReport report = drain(servers.get(0), Long.MAX_VALUE, MINUTE);
        assertThat(report.elsewhere()).isGreaterThanOrEqualTo(6);
        assertThat(report.elsewhere() + report.handed()).isEqualTo(report.blocks());
    }

    @Test
    void aMoveLeavesNothingBehind() {
        start(1000);
        round();
        SharingServer from = servers.get(0);
        Set<BlockKey> all = held(from);
        Set<BlockKey> half = new HashSet<>(all.stream().limit(all.size() / 2).toList());
        List<BlockKey> moved = new ArrayList<>();
        from.moveBlocks.start(half, "1", MINUTE, heard(moved::addAll));
        driver.runUntilIdle();
        assertThat(moved).containsExactlyInAnyOrderElementsOf(half);
        assertThat(held(from)).doesNotContainAnyElementsOf(half).hasSize(all.size() - half.size());
        assertThat(held(servers.get(1))).containsAll(half);
        assertThat(fleet.announced("0", "host")).isEqualTo(held(from));
        assertThat(fleet.announced("1", "host")).isEqualTo(held(servers.get(1)));
    }

    @Test
    void whatTheOtherDoesNotTakeStays() {
        start(1000);
        round();
        SharingServer from = servers.get(0);
        Set<BlockKey> all = held(from);
        from.node.transport().fate(key -> key.hash().a() % 2 == 0 ? Fate.GOOD : Fate.FLIPPED);
        List<BlockKey> moved = new ArrayList<>();
        from.moveBlocks.start(all, "1", MINUTE, heard(moved::addAll));
        driver.runUntilIdle();
        assertThat(moved).isNotEmpty().hasSizeLessThan(all.size());
        Set<BlockKey> left = new HashSet<>(all);
        left.removeAll(moved);
        assertThat(held(from)).isEqualTo(left);
    }

    private void start(int capacity) {
        for (int i = 0; i < 3; i++) {
            ThrottledTier host = new ThrottledTier("host", capacity).lending();
            servers.add(new SharingServer(fleet, driver, "" + i, host));
        }
    }

    /** Every text once, with another end. */
    private int round() {
        int cached = 0;
        for (int text = 0; text < TEXTS; text++) {
            cached += ask(servers.get(text % servers.size()), text);
        }
        return cached;
    }

    private int ask(SharingServer server, int text) {
        int[] prompt =
                IntStream.concat(
                                IntStream.of(Ask.prompt(text, TEXT_TOKENS)),
                                IntStream.of(Ask.prompt(1000 + asked, 20)))
                        .toArray();
        Heard heard = server.bench.run(new Ask("ask " + asked++, prompt).maxTokens(2));
        assertThat(heard.ids())
                .isEqualTo(Bench.roomy().run(new Ask("cold", prompt).maxTokens(2)).ids());
        assertThat(server.lent()).isZero();
        return heard.usage().cachedTokens();
    }

    private HandOverReport drain(SharingServer server, long bytes, Duration atMost) {
        List<HandOverReport> reports = new ArrayList<>();
        server.node.drain();
        server.handOver.start(bytes, atMost, heard(reports::add));
        driver.runUntilIdle();
        assertThat(reports).hasSize(1);
        assertThat(servers).allMatch(each -> each.lent() == 0);
        return reports.getFirst();
    }

    private void leave(SharingServer server) {
        fleet.leave(server.node.id());
        servers.remove(server);
    }

    private static Set<BlockKey> held(SharingServer server) {
        Set<BlockKey> keys = new HashSet<>();
        server.tiers.getFirst().entries((BlockEntry entry) -> keys.add(entry.key()));
        return keys;
    }

    private static <T> Completion<T> heard(Consumer<T> consumer) {
        return new Completion<>() {
            @Override
            public void completed(T result) {
                consumer.accept(result);
            }

            @Override
            public void failed(Throwable failure) {
                throw new AssertionError(failure);
            }
        };
    }

    private static final class Broken extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }
}
