package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.TierChain;
import dev.cairn.core.fleet.FleetMemory;
import dev.cairn.core.fleet.FleetSettings;
import dev.cairn.core.fleet.FleetWorker;
import dev.cairn.core.fleet.FleetWorker.Condition;
import dev.cairn.core.fleet.Holdings;
import dev.cairn.core.fleet.LedgerBackend;
import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.core.route.Ledger;
import dev.cairn.core.route.PrefixIndex;
import dev.cairn.core.route.RouterJournal;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.FarBackend;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.core.testing.ToyRunner;
import dev.cairn.ports.engine.GenerationBackend.BackendDescription;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A router and workers with real schedulers over toy engines, in virtual time. */
final class RoutedFleet {

    final VirtualDriver driver;
    final RecordedTelemetry telemetry = new RecordedTelemetry();
    final RoutedBackend router;
    final List<Bench> engines = new ArrayList<>();
    private final List<LedgerBackend> ledgers = new ArrayList<>();
    final List<FarBackend> workers = new ArrayList<>();
    private final List<Heard> all = new ArrayList<>();

    RoutedFleet(long seed, RoutingPolicy policy, FleetSettings settings) {
        this(new VirtualDriver(seed), "routing", policy, settings, RouterJournal.NONE);
    }

    /** With a journal of all that the router is told. */
    RoutedFleet(long seed, RoutingPolicy policy, FleetSettings settings, RouterJournal journal) {
        this(new VirtualDriver(seed), "routing", policy, settings, journal);
    }

    /** Another router in the time of one that is there. */
    RoutedFleet(RoutedFleet beside, RoutingPolicy policy, FleetSettings settings) {
        this(beside.driver, "routing beside", policy, settings, RouterJournal.NONE);
    }

    private RoutedFleet(
            VirtualDriver driver,
            String lots,
            RoutingPolicy policy,
            FleetSettings settings,
            RouterJournal journal) {
        this.driver = driver;
        router =
                new RoutedBackend(
                        new BackendDescription("fleet", "toy", 1 << 20, "a fleet of toys"),
                        settings,
                        policy,
                        new FleetMemory(
                                new PrefixIndex(settings.index()),
                                List.of(0),
                                Holdings.UNTOLD,
                                journal),
                        driver,
                        driver,
                        driver.random(lots),
                        telemetry);
    }

    /** A worker comes. */
    FarBackend join(Role role, UnaryOperator<ToyRunner.Builder> shape, SchedulerSettings settings) {
        Bench engine = new Bench(shape, settings, driver, _ -> TierChain.NONE);
        LedgerBackend ledger = new LedgerBackend(engine.backend, new Ledger());
        FarBackend worker = new FarBackend(driver, router.name(), ledger);
        ledgers.add(ledger);
        engines.add(engine);
        workers.add(worker);
        router.join(facts(workers.size() - 1, role, Condition.READY), worker);
        return worker;
    }

    /** A worker of another router is this one's, too. */
    void joinThatOf(RoutedFleet other, int worker) {
        FarBackend way = new FarBackend(driver, router.name(), other.ledgers.get(worker));
        workers.add(way);
        router.join(facts(workers.size() - 1, Role.ALL, Condition.READY), way);
    }

    FarBackend join() {
        return join(
                Role.ALL, toy -> toy.fullAttention(4, 400), SchedulerSettings.forModelLength(512));
    }

    static FleetWorker facts(int worker, Role role, Condition condition) {
        return new FleetWorker(name(worker), "host:" + (9000 + worker), role, condition, 400, "");
    }

    static String name(int worker) {
        return "worker " + worker;
    }

    Heard submit(Ask ask) {
        Heard heard = new Heard(ask.request());
        begin(heard);
        return heard;
    }

    Cancellation begin(Heard heard) {
        all.add(heard);
        return router.generate(heard.request(), heard);
    }

    double migrations() {
        return telemetry.counter("cairn:migrations_total{toy,interrupted}")
                + telemetry.counter("cairn:migrations_total{toy,failed}")
                + telemetry.counter("cairn:migrations_total{toy,left}");
    }

    /** Runs until nothing happens any more; then everything is over, and nothing is held. */
    void finish() {
        driver.runUntilIdle();
        assertThat(all).allMatch(Heard::isOver);
        assertThat(router.bookings()).as("bookings that were not released").isZero();
        assertThat(router.load().waiting()).isZero();
        engines.forEach(Bench::assertNothingHeld);
        assertThat(workers).allMatch(worker -> worker.live() == 0);
    }
}
