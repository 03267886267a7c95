package dev.cairn.core.simulate;

import dev.cairn.core.cache.TierChain;
import dev.cairn.core.fleet.LedgerBackend;
import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.route.Bookings;
import dev.cairn.core.route.Bookings.Booking;
import dev.cairn.core.route.Ledger;
import dev.cairn.core.route.PrefixIndex;
import dev.cairn.core.route.PrefixIndexOptions;
import dev.cairn.core.route.Router;
import dev.cairn.core.route.Router.Routing;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.core.schedule.SchedulerSettings;
import dev.cairn.core.schedule.StepListener;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.Booked;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.telemetry.Telemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A router and its workers in virtual time: the policies, index, scheduler and prefix cache that
 * serve, over engines that only take time. The same requests, policy and seed give the same run.
 *
 * <p>Threads: one.
 */
public final class FleetReplay {

    private static final String MODEL = "replay";

    /** As {@code cairn.node.load-interval}: a worker tells of changes once in so long. */
    private static final Duration REPORTS = Duration.ofMillis(5);

    /** How a step changed the load is told ten times as seldom as it would be. */
    private static final Duration PROGRESS = Duration.ofMillis(50);

    private final VirtualDriver driver;
    private final int blockTokens;
    private final PrefixIndex index;
    private final List<Shard> routers = new ArrayList<>();
    private final List<GenerationBackend> backends = new ArrayList<>();
    private final List<Ledger> ledgers = new ArrayList<>();
    private final SeededRandom noise;
    private final BlockHasher hasher = new BlockHasher();
    private final Map<Long, BlockHash> hashes = new HashMap<>();
    private Consumer<ReplayOutcome> ended = _ -> {};

    /** When routers are about to hear of a worker; {@code Long.MAX_VALUE} = not now. */
    private final long[] tellsAt;

    /** A router, and what it knows of the load: what it sent itself, and what workers tell. */
    private record Shard(String name, Router router, Bookings bookings) {}

    /**
     * @param driver of a run that has not begun
     * @param runners one per worker, in the driver's time, with one layer group each
     * @param codec of the runners' vocabulary
     * @param count routers that take turns; of the others' bookings each knows what workers tell,
     *     {@link #REPORTS} later
     */
    public FleetReplay(
            VirtualDriver driver,
            List<? extends ModelRunner> runners,
            TextCodec codec,
            RoutingPolicy policy,
            int count) {
        this.driver = driver;
        var first = runners.getFirst().description();
        this.blockTokens = first.groups().getFirst().blockTokens();
        int blocks = first.poolBlocks().getFirst();
        this.index =
                new PrefixIndex(
                        new PrefixIndexOptions(
                                (int) Math.min(1L << 27, (long) blocks * runners.size() + 1),
                                runners.size()));
        this.noise = driver.random("routing");
        this.tellsAt = new long[runners.size()];
        Arrays.fill(tellsAt, Long.MAX_VALUE);
        Grammars grammars = new Grammars(codec, first.vocabularySize(), codec.endOfSequenceIds());
        List<String> names = new ArrayList<>();
        for (ModelRunner runner : runners) {
            names.add("worker-" + names.size());
            ledgers.add(new Ledger());
            backends.add(
                    new LedgerBackend(
                            backend(names.getLast(), backends.size(), runner, codec, grammars),
                            ledgers.getLast()));
        }
        for (int i = 0; i < count; i++) {
            Bookings bookings = new Bookings(runners.size(), blocks);
            routers.add(
                    new Shard("router-" + i, new Router(policy, names, index, bookings), bookings));
        }
    }

    private ScheduledBackend backend(
            String name, int worker, ModelRunner runner, TextCodec codec, Grammars grammars) {
        var settings =
                new SchedulerSettings(
                        runner.description().maxPositions(),
                        Integer.MAX_VALUE,
                        Integer.MAX_VALUE,
                        Integer.MAX_VALUE,
                        Long.MAX_VALUE);
        return new ScheduledBackend(
                name,
                MODEL,
                runner,
                codec,
                grammars,
                settings,
                driver,
                Telemetry.none(),
                StepListener.NONE,
                batch -> batch.forEach(event -> index.apply(worker, event)),
                TierChain.NONE);
    }

    /**
     * Serves all requests, until the last is answered.
     *
     * @param listener hears of each as it ends
     */
    public void run(List<TraceRequest> requests, Consumer<ReplayOutcome> listener) {
        ended = listener;
        for (int i = 0; i < requests.size(); i++) {
            int number = i;
            TraceRequest request = requests.get(i);
            driver.schedule(request.atNanos(), () -> arrive(number, request));
        }
        driver.runUntilIdle();
    }

    /** Something was booked or is over at a worker; routers hear of it a moment later. */
    private void changed(int worker) {
        long at = driver.nanos() + REPORTS.toNanos();
        if (routers.size() > 1 && at < tellsAt[worker]) {
            tellAt(worker, at);
        }
    }

    private void tellAt(int worker, long at) {
        tellsAt[worker] = at;
        driver.schedule(
                at,
                () -> {
                    if (tellsAt[worker] == at) {
                        tell(worker);
                    }
                });
    }

    /** What a worker says is soon untrue while it works, so it goes on to say it. */
    private void tell(int worker) {
        tellsAt[worker] = Long.MAX_VALUE;
        LoadReport load = backends.get(worker).load();
        for (Shard shard : routers) {
            shard.router.reported(worker, load, ledgers.get(worker).toldTo(shard.name));
        }
        if (load.running() + load.waiting() > 0) {
            tellAt(worker, driver.nanos() + PROGRESS.toNanos());
        }
    }

    /** Bookings that were not released: none, when a run is over. */
    public int bookings() {
        return routers.stream().mapToInt(shard -> shard.bookings.open()).sum();
    }

    private void arrive(int number, TraceRequest request) {
        int[] prompt = request.prompt(blockTokens);
        String id = "request-" + number;
        var question =
                new RouteQuestion(
                        MODEL,
                        request.inputTokens(),
                        blockTokens,
                        request.hashes(prompt, blockTokens, hasher, hashes),
                        "",
                        number,
                        noise.nextLong());
        Shard shard = routers.get(number % routers.size());
        Routing routing = shard.router.route(id, question, driver.nanos());
        Booking booking = routing.booking();
        GenerationRequest asked =
                generation(id, prompt, request)
                        .booked(
                                new Booked(
                                        shard.name, booking.sequenceBlocks(), booking.tokens(), 0));
        backends.get(booking.worker()).generate(asked, new Listener(number, request, routing));
        changed(booking.worker());
    }

    private GenerationRequest generation(String id, int[] prompt, TraceRequest request) {
        return GenerationRequest.greedy(id, MODEL, prompt, request.outputTokens(), driver.nanos());
    }

    private final class Listener implements TokenListener {

        private final int number;
        private final TraceRequest request;
        private final Routing routing;
        private int cached;
        private int tokens;
        private long firstNanos;

        private Listener(int number, TraceRequest request, Routing routing) {
            this.number = number;
            this.request = request;
            this.routing = routing;
        }

        @Override
        public void on(TokenEvent event) {
            switch (event) {
                case TokenEvent.PromptDone(int cachedTokens, var _) -> {
                    cached = cachedTokens;
                    routing.firstToken();
                    changed(routing.booking().worker());
                }
                case TokenEvent.Tokens(int _, var more) -> {
                    if (tokens == 0) {
                        firstNanos = driver.nanos();
                    }
                    tokens += more.size();
                }
                case TokenEvent.ChoiceEnded _ -> {}
                case TokenEvent.Ended _ -> end(null);
                case TokenEvent.Failed(var problem) -> end(problem.message());
                case TokenEvent.Interrupted(var reason, var _) -> end(reason);
            }
        }

        private void end(String problem) {
            routing.release();
            changed(routing.booking().worker());
            ended.accept(
                    new ReplayOutcome(
                            number,
                            request,
                            routing.booking().worker(),
                            routing.decision(),
                            cached,
                            tokens,
                            firstNanos,
                            driver.nanos(),
                            problem));
        }
    }
}
