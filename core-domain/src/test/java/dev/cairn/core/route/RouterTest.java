package dev.cairn.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.route.Router.Routing;
import dev.cairn.core.route.policy.ApproximatePrefix;
import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.route.policy.RoundRobin;
import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From a question to a booked worker. */
class RouterTest {

    private static final List<String> WORKERS = List.of("a", "b", "c");

    private final PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(1000, 3));
    private final Bookings bookings = new Bookings(3, 100);
    private final SeededRandom random = new SeededRandom(11);
    private long ordinal;

    @Test
    void goesWhereThePrefixIs() {
        List<BlockHash> prompt = blocks(8);
        index.apply(1, new KvEvent.BlocksStored(prompt, null, List.of(), 16, 0, "device", ""));
        Decision decision = route(router(new KvAware()), prompt).decision();
        assertThat(decision.worker()).isEqualTo("b");
        assertThat(decision.candidates().get(1).overlapBlocks()).containsEntry("device", 8);
        assertThat(decision.scores().orElseThrow().get(decision.chosen()).cost())
                .isEqualTo(decision.cost());
        assertThat(JsonWriter.write(decision.json(2)))
                .contains("\"worker\":\"b\"", "\"overlap_blocks\":{\"device\":8}", "\"reason\":\"");
    }

    @Test
    void tellsWhatItWouldHaveCostHadItBeenKnownWhatTheWorkerFound() {
        List<BlockHash> prompt = blocks(8);
        double nothingHeld = route(router(new KvAware()), prompt).decision().cost();
        index.apply(1, new KvEvent.BlocksStored(prompt, null, List.of(), 16, 0, "device", ""));
        Bookings idle = new Bookings(3, 100);
        Decision decision =
                route(new Router(new KvAware(), WORKERS, index, idle), prompt).decision();
        assertThat(decision.costWith(-1)).isEmpty();
        assertThat(decision.costWith(8 * 16)).hasValue(decision.cost());
        assertThat(decision.costWith(8 * 16 - 1)).hasValue(decision.cost());
        assertThat(decision.costWith(0)).hasValue(nothingHeld);
        assertThat(decision.costWith(4 * 16).getAsDouble())
                .isBetween(decision.cost() + 1, nothingHeld - 1);
    }

    @Test
    void whatWasSentCountsBeforeTheWorkerSaysSo() {
        Router router = router(new KvAware());
        List<BlockHash> prompt = blocks(8);
        Routing first = route(router, prompt);
        Routing second = route(router, prompt);
        assertThat(second.decision().worker()).isEqualTo(first.decision().worker());
        first.firstToken();
        second.release();
        // Neither worker nor router knows of the prompt any more.
        assertThat(route(router, prompt).decision().candidates())
                .allMatch(candidate -> candidate.overlapBlocks().isEmpty());
    }

    @Test
    void aPolicyWithoutEventsRemembersWhatItSent() {
        Router router = router(new ApproximatePrefix());
        List<BlockHash> prompt = blocks(8);
        Routing first = route(router, prompt);
        first.release();
        assertThat(route(router, prompt).decision().worker()).isEqualTo(first.decision().worker());
    }

    @Test
    void overlapsOfTiersAreToldApart() {
        List<BlockHash> prompt = blocks(8);
        index.apply(2, new KvEvent.BlocksStored(prompt, null, List.of(), 16, 0, "host", ""));
        index.apply(
                2,
                new KvEvent.BlocksStored(
                        prompt.subList(0, 3), null, List.of(), 16, 0, "device", ""));
        Decision decision = route(router(new KvAware()), prompt).decision();
        assertThat(decision.candidates().get(2).overlapBlocks())
                .hasSize(2)
                .containsEntry("device", 3)
                .containsEntry("host", 5);
    }

    @Test
    void bookingsCountUntilTheFirstTokenAndTheEnd() {
        Routing routing = route(router(new RoundRobin()), blocks(8));
        int worker = routing.booking().worker();
        assertThat(bookings.load(worker).waitingPrefillTokens()).isEqualTo(130);
        assertThat(bookings.load(worker).waiting()).isEqualTo(1);
        assertThat(bookings.load(worker).usedBlocks()).isEqualTo(9);
        routing.firstToken();
        assertThat(bookings.load(worker).waitingPrefillTokens()).isZero();
        assertThat(bookings.load(worker).running()).isEqualTo(1);
        routing.release();
        routing.release();
        routing.firstToken();
        assertThat(bookings.load(worker).running()).isZero();
        assertThat(bookings.load(worker).waiting()).isZero();
        assertThat(bookings.load(worker).usedBlocks()).isZero();
        assertThat(bookings.open()).isZero();
    }

    @Test
    void whatAWorkerReportsBeyondItsBookingsCounts() {
        Routing routing = route(router(new RoundRobin()), blocks(8));
        int worker = routing.booking().worker();
        bookings.reported(worker, new LoadReport(4, 1, 30, 100, 20));
        assertThat(bookings.load(worker)).isEqualTo(new LoadReport(4, 1, 30, 100, 130));
        bookings.reported(worker, new LoadReport(0, 0, 0, 100, 0));
        assertThat(bookings.load(worker)).isEqualTo(new LoadReport(0, 1, 9, 100, 130));
        routing.release();
        bookings.begin(worker, 50);
        assertThat(bookings.load(worker)).isEqualTo(new LoadReport(0, 0, 0, 50, 0));
    }

    @Test
    void eachOfTwoRoutersPrefersWorkersOfItsOwnUntilThoseHaveMoreToDo() {
        Bookings others = new Bookings(3, 100);
        Router first = router(new KvAware());
        Router second = new Router(new KvAware(), WORKERS, index, others);
        // One worker knows of both, which is enough.
        first.reported(1, LoadReport.NONE, new OtherRouters(LoadReport.NONE, 0, 2));
        second.reported(1, LoadReport.NONE, new OtherRouters(LoadReport.NONE, 1, 2));
        for (int i = 0; i < 20; i++) {
            Routing ours = route(first, blocks(8));
            Routing theirs = route(second, blocks(8));
            assertThat(ours.decision().worker()).isIn("a", "c");
            assertThat(theirs.decision().worker()).isEqualTo("b");
            assertThat(theirs.decision().candidates().getFirst().elsewhere().waitingPrefillTokens())
                    .isEqualTo(65);
            Routing full = route(second, blocks(8));
            assertThat(full.decision().worker()).as("its own is busy").isIn("a", "c");
            ours.release();
            theirs.release();
            full.release();
        }
        assertThat(bookings.open() + others.open()).isZero();
    }

    @Test
    void aNumberIsGivenAwayAgainWithoutWhatItStoodFor() {
        Router router = new Router(new ApproximatePrefix(), index, bookings, RouterJournal.NONE);
        int a = router.join("a", 100);
        int b = router.join("b", 100);
        List<BlockHash> prompt = blocks(8);
        Routing first = route(router, prompt);
        first.release();
        int gone = first.booking().worker();
        router.leave(gone);
        assertThat(router.join("c", 100)).isEqualTo(gone).isIn(a, b);
        assertThat(route(router, prompt).decision().candidates())
                .allMatch(candidate -> candidate.overlapBlocks().isEmpty());
    }

    @Test
    void predictionsOutliveTheFirstTokenWhereNobodyTells() {
        Router router = new Router(new KvAware(), index, bookings, RouterJournal.NONE);
        router.join("a", 100);
        router.join("b", 100);
        List<BlockHash> prompt = blocks(8);
        Routing first = route(router, prompt);
        first.firstToken();
        first.release();
        assertThat(route(router, prompt).decision().worker()).isEqualTo(first.decision().worker());
    }

    @Test
    void equalWorkersAreDrawnByLot() {
        Router router = router(new KvAware());
        List<String> picked = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Routing routing = route(router, List.of());
            picked.add(routing.decision().worker());
            routing.release();
        }
        assertThat(picked).contains("a", "b", "c");
    }

    @Test
    void routedPrefixesAreForgottenByAgeAndByRoom() {
        RoutedPrefixes routed = new RoutedPrefixes(new PrefixIndexOptions(10, 1), 100);
        long[] first = {1, 2, 3, 4, 5, 6};
        long[] second = {1, 2, 13, 14, 15, 16};
        routed.routed(0, first, 6, 0);
        routed.routed(0, second, 6, 10);
        assertThat(routed.index().entries()).isEqualTo(6);
        assertThat(routed.index().holds(0, 0, 16)).isTrue();
        assertThat(routed.index().holds(0, 0, 6)).isFalse();
        routed.expire(109);
        assertThat(routed.index().entries()).isEqualTo(6);
        routed.expire(110);
        assertThat(routed.index().entries()).isZero();
    }

    private Router router(RoutingPolicy policy) {
        return new Router(policy, WORKERS, index, bookings);
    }

    private Routing route(Router router, List<BlockHash> prompt) {
        return router.route(
                "request",
                new RouteQuestion(
                        "model",
                        prompt.size() * 16 + 2,
                        16,
                        prompt,
                        "",
                        ordinal++,
                        random.nextLong()),
                ordinal);
    }

    private List<BlockHash> blocks(int count) {
        List<BlockHash> hashes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            hashes.add(new BlockHash(0, 0, 0, random.nextLong()));
        }
        return hashes;
    }
}
