package dev.cairn.core.fleet;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.core.route.Bookings;
import dev.cairn.core.route.Router;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.RandomSource;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes one {@link GenerationBackend} of a fleet of them: each request goes to the worker that a
 * policy picks, and on to another one if that does not answer, goes away or drains.
 *
 * <p>Threads: any, as the port says; everything is decided in the turns of one mailbox, whose
 * thread alone calls listeners and workers.
 *
 * <p>Workers' backends are closed when they leave, and when this one is closed.
 */
public final class RoutedBackend implements GenerationBackend {

    private static final System.Logger LOG = System.getLogger(RoutedBackend.class.getName());

    private final BackendDescription description;
    private final FleetSettings settings;
    private final RandomSource random;
    private final Timers timers;
    private final Bookings bookings;
    private final String name;
    private final Dispatcher dispatcher;
    private final Mailbox<FleetEvent> mailbox;
    private Timers.Cancellation wake = () -> {};

    private volatile boolean closed;
    private volatile int openWorkers;
    private volatile int startingWorkers;
    private volatile int waiting;
    private volatile long waitingTokens;
    private volatile int booked;

    /**
     * Over workers that do not say what they hold.
     *
     * @param description of the fleet as a whole
     * @param policy that decides
     * @param driver runs the mailbox
     * @param timers in the driver's time
     * @param random decides between equals
     */
    public RoutedBackend(
            BackendDescription description,
            FleetSettings settings,
            RoutingPolicy policy,
            MailboxDriver driver,
            Timers timers,
            RandomSource random,
            Telemetry telemetry) {
        this(
                description,
                settings,
                policy,
                FleetMemory.untold(settings),
                driver,
                timers,
                random,
                telemetry);
    }

    /**
     * @param description of the fleet as a whole
     * @param policy that decides
     * @param memory its index made by {@link FleetSettings#index}
     * @param driver runs the mailbox
     * @param timers in the driver's time
     * @param random decides between equals
     */
    public RoutedBackend(
            BackendDescription description,
            FleetSettings settings,
            RoutingPolicy policy,
            FleetMemory memory,
            MailboxDriver driver,
            Timers timers,
            RandomSource random,
            Telemetry telemetry) {
        this.description = description;
        this.settings = settings;
        this.random = random;
        this.timers = timers;
        this.bookings = new Bookings(settings.mostWorkers(), 0);
        this.name = "router-" + Long.toHexString(random.nextLong());
        this.dispatcher =
                new Dispatcher(
                        name,
                        settings,
                        Router.ofGroups(
                                policy,
                                memory.index(),
                                memory.windows(),
                                settings.blockTokens(),
                                bookings,
                                memory.journal()),
                        bookings,
                        memory.holdings(),
                        new FleetMeasures(
                                description.model(),
                                telemetry,
                                () -> openWorkers,
                                () -> waiting,
                                () -> waitingTokens,
                                () -> booked));
        this.mailbox = driver.open("router-" + description.name(), this::turn);
    }

    @Override
    public BackendDescription description() {
        return description;
    }

    @Override
    public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
        if (closed) {
            events.on(new TokenEvent.Failed(FleetProblems.shuttingDown()));
            return () -> {};
        }
        RoutedRequest routed =
                new RoutedRequest(request, events, hashes(request), random.nextLong());
        mailbox.post(new FleetEvent.Arrived(routed));
        return () -> mailbox.post(new FleetEvent.Aborted(routed));
    }

    /** On the caller's thread, for a long prompt has thousands. */
    private List<BlockHash> hashes(GenerationRequest request) {
        int[] prompt = request.prompt();
        int size = settings.blockTokens();
        BlockHasher hasher = new BlockHasher();
        List<BlockHash> hashes = new ArrayList<>(prompt.length / size);
        for (int end = size; end <= prompt.length; end += size) {
            hashes.add(
                    hashes.isEmpty()
                            ? hasher.first(prompt, 0, size, request.cacheSalt())
                            : hasher.next(hashes.getLast(), prompt, end - size, size));
        }
        return hashes;
    }

    /**
     * A worker is there from now on.
     *
     * @param backend how it is asked; belongs to this object from now on
     */
    public void join(FleetWorker worker, GenerationBackend backend) {
        mailbox.post(new FleetEvent.Joined(worker, backend));
    }

    /** A worker that is there says something else of itself. */
    public void change(FleetWorker worker) {
        mailbox.post(new FleetEvent.Changed(worker));
    }

    /** A worker said something of its load: somebody may have waited for that. */
    public void reported() {
        if (waiting > 0) {
            mailbox.post(new FleetEvent.Reported());
        }
    }

    /** A worker is gone; what it worked on goes on elsewhere. */
    public void leave(String worker) {
        mailbox.post(new FleetEvent.Left(worker));
    }

    @Override
    public void explain(String request, Completion<Optional<JsonObject>> done) {
        if (closed) {
            done.completed(Optional.empty());
        } else {
            mailbox.post(new FleetEvent.Asked(request, done));
        }
    }

    /** Tells who is there, and how each is. */
    public void workers(Completion<List<JsonObject>> done) {
        if (closed) {
            done.completed(List.of());
        } else {
            mailbox.post(new FleetEvent.Surveyed(done));
        }
    }

    /** Decides by another policy from the next request on; what is on its way goes on. */
    public void decideBy(RoutingPolicy policy) {
        change(PolicyChange.decides(policy));
    }

    /** Another policy decides, or is asked besides, from the next request on. */
    public void change(PolicyChange change) {
        mailbox.post(new FleetEvent.PolicyChanged(change));
    }

    /** By which workers tell its bookings from those of other routers; no other has it. */
    public String name() {
        return name;
    }

    /** Workers that a request could be sent to now. */
    public int openWorkers() {
        return openWorkers;
    }

    /** Requests booked at workers, once per worker. */
    public int bookings() {
        return booked;
    }

    @Override
    public Optional<String> unreadyBecause() {
        if (openWorkers > 0) {
            return Optional.empty();
        }
        int starting = startingWorkers;
        return Optional.of(
                starting == 0
                        ? "no worker is ready"
                        : "no worker is ready; " + starting + " load their models");
    }

    @Override
    public LoadReport load() {
        return new LoadReport(booked, waiting, 0, 0, waitingTokens);
    }

    /** Fails what is alive and takes nothing more. Does not wait. */
    @Override
    public void close() {
        closed = true;
        mailbox.post(new FleetEvent.Closed());
        mailbox.close();
    }

    private void turn(FleetEvent event, long nanos) {
        for (FleetCommand command : dispatcher.on(event, nanos)) {
            switch (command) {
                case FleetCommand.Send(var attempt, var request) -> send(attempt, request);
                case FleetCommand.Abort(var attempt) -> attempt.abort();
                case FleetCommand.Tell(var request, var told) -> tell(request, told);
                case FleetCommand.Answer(var done, var story) -> done.completed(story);
                case FleetCommand.TellWorkers(var done, var workers) -> done.completed(workers);
                case FleetCommand.WakeAt(var at) -> {
                    wake.cancel();
                    wake = timers.schedule(at, () -> mailbox.post(new FleetEvent.Due()));
                }
                case FleetCommand.Close(var backend) -> backend.close();
            }
        }
        openWorkers = dispatcher.openWorkers();
        startingWorkers = dispatcher.startingWorkers();
        waiting = dispatcher.waiting();
        waitingTokens = dispatcher.waitingTokens();
        booked = bookings.open();
    }

    private void send(Attempt attempt, GenerationRequest request) {
        try {
            attempt.abortBy(
                    attempt.worker()
                            .backend()
                            .generate(
                                    request,
                                    event -> mailbox.post(new FleetEvent.Heard(attempt, event))));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a worker could not be asked", e);
            mailbox.post(
                    new FleetEvent.Heard(
                            attempt,
                            new TokenEvent.Failed(
                                    RequestProblem.of(
                                            Category.UNAVAILABLE,
                                            "worker_lost",
                                            "the worker of this request could not be asked"))));
        }
    }

    private void tell(RoutedRequest request, TokenEvent told) {
        try {
            request.listener().on(told);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a listener failed; its request is aborted", e);
            mailbox.post(new FleetEvent.Aborted(request));
        }
    }
}
