package dev.cairn.distribution.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.core.fleet.FleetSettings;
import dev.cairn.core.fleet.FleetWorker;
import dev.cairn.core.fleet.FleetWorker.Condition;
import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.core.route.policy.KvAware;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.wiring.PolicyDesk;
import dev.cairn.distribution.wiring.PolicyShelf;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin's policy is loaded from its jar again and again while requests run. */
class PolicySwapIT {

    private static final int SWAPS = 100;
    private static final int CLIENTS = 4;
    private static final String PLUGINS = "first-3-7-3";

    @TempDir private Path temporary;

    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicBoolean enough = new AtomicBoolean();

    @Test
    void aHundredSwapsLoseNoRequestAndLeaveNoClass() throws IOException {
        Path home = temporary.resolve("home");
        SamplePlugins.policy(temporary.resolve("a")).jar(home.resolve("plugins/first.jar"));
        Setup setup = SamplePlugins.setup(home);
        PolicyShelf shelf = new PolicyShelf(setup.plugins(), SamplePlugins.context(setup));
        try (ThreadMailboxes mailboxes = new ThreadMailboxes(SystemClock.INSTANCE);
                SystemTimers timers = new SystemTimers();
                RoutedBackend router = router(mailboxes, timers);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var acting = shelf.find("kv-aware").orElseThrow();
            var desk = new PolicyDesk(shelf, List.of(router), acting, Optional.empty());
            for (int i = 0; i < CLIENTS; i++) {
                clients.submit(() -> load(router));
            }
            swap(desk, SWAPS);
            int classes = classesAfterCollection(desk);
            swap(desk, SWAPS);
            int afterwards = classesAfterCollection(desk);
            enough.set(true);
            System.out.printf(
                    "PolicySwapIT: %d requests, %d classes before %d swaps and %d after%n",
                    sent.get(), classes, SWAPS, afterwards);
            // Each swap loads at least the plugin, its policy and a library's class.
            assertThat(afterwards - classes).isLessThan(SWAPS / 2);
            assertThat(desk.status().policies()).contains(PLUGINS, "kv-aware");
            assertThatThrownBy(() -> desk.change(Optional.of("none-such"), Optional.empty()))
                    .isInstanceOf(RequestRefused.class);
        }
        assertThat(answered.get()).isEqualTo(sent.get()).isGreaterThan(SWAPS);
    }

    private void swap(PolicyDesk desk, int times) {
        for (int i = 0; i < times; i++) {
            int before = answered.get();
            desk.change(Optional.of(PLUGINS), Optional.of(PLUGINS));
            assertThat(desk.status().policy()).isEqualTo(PLUGINS);
            while (answered.get() < before + 2 * CLIENTS) {
                Thread.onSpinWait();
            }
        }
    }

    /** With policies of the program in place of the plugin's. */
    private int classesAfterCollection(PolicyDesk desk) {
        desk.change(Optional.of("kv-aware"), Optional.of(""));
        int before = answered.get();
        while (answered.get() < before + 2 * CLIENTS) {
            Thread.onSpinWait();
        }
        var classes = ManagementFactory.getClassLoadingMXBean();
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(least, classes.getLoadedClassCount());
        }
        return least;
    }

    private void load(RoutedBackend router) {
        while (!enough.get()) {
            int number = sent.incrementAndGet();
            AtomicBoolean over = new AtomicBoolean();
            Thread waiting = Thread.currentThread();
            router.generate(
                    GenerationRequest.greedy(
                            "request " + number, "toy", new int[64], 4, System.nanoTime()),
                    event -> {
                        if (event instanceof TokenEvent.Ended) {
                            answered.incrementAndGet();
                            over.set(true);
                            LockSupport.unpark(waiting);
                        }
                    });
            while (!over.get()) {
                LockSupport.park();
            }
        }
    }

    private static RoutedBackend router(ThreadMailboxes mailboxes, SystemTimers timers) {
        RoutedBackend router =
                new RoutedBackend(
                        new GenerationBackend.BackendDescription("toys", "toy", 4096, "toys"),
                        FleetSettings.usual(16),
                        new KvAware(),
                        mailboxes,
                        timers,
                        System::nanoTime,
                        Telemetry.none());
        for (int i = 0; i < 3; i++) {
            String name = "worker " + i;
            router.join(
                    new FleetWorker(name, name, Role.ALL, Condition.READY, 1000, ""), new Echo());
        }
        return router;
    }

    /** Answers with one token, at once. */
    private static final class Echo implements GenerationBackend {

        @Override
        public BackendDescription description() {
            return new BackendDescription("toy", "toy", 4096, "a toy");
        }

        @Override
        public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
            events.on(new TokenEvent.PromptDone(0, List.of()));
            events.on(
                    new TokenEvent.Tokens(
                            0, List.of(new GeneratedToken(7, 0, 0, new int[0], new float[0]))));
            events.on(
                    new TokenEvent.ChoiceEnded(
                            0, FinishReason.LENGTH, new StopCause.Budget(), null));
            events.on(new TokenEvent.Ended(new Usage(request.prompt().length, 1, 0, 0)));
            return () -> {};
        }

        @Override
        public LoadReport load() {
            return new LoadReport(0, 0, 0, 1000, 0);
        }

        @Override
        public void close() {}
    }
}
