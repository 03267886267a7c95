package dev.cairn.core.schedule;

import dev.cairn.core.block.BlockPools;
import dev.cairn.core.block.CacheListener;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.core.cache.CacheEvent;
import dev.cairn.core.cache.CacheOrder;
import dev.cairn.core.cache.DeviceBlocks;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.cache.TieredCache;
import dev.cairn.core.draft.DraftModel;
import dev.cairn.core.grammar.CompiledFormat;
import dev.cairn.core.grammar.FormatBudget;
import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.engine.AdapterPort;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Makes a {@link GenerationBackend} of a {@link ModelRunner}: Cairn's scheduler over one engine.
 *
 * <p>Threads: any, as the port says; everything is decided in the turns of one mailbox, whose
 * thread alone calls the runner and the listeners.
 *
 * <p>The runner stays its owner's: close this backend, let the driver hand over what was posted,
 * then close the runner.
 */
public final class ScheduledBackend implements GenerationBackend {

    private static final System.Logger LOG = System.getLogger(ScheduledBackend.class.getName());

    /** Names a format that came from another node, whose own name for it is not known. */
    private static final String FORMAT = "response_format";

    private static final int MOST_UNPLANNED = 64;

    private final BackendDescription description;
    private final ModelRunner runner;
    private final Grammars grammars;
    private final BatchScheduler scheduler;
    private final PrefixCache cache;
    private final TieredCache tiered;
    private final CacheListener cacheEvents;
    private final Mailbox<Event> mailbox;

    /** Blocks of a prefix move by the hundred: one turn plans for all that have come. */
    private final AtomicInteger movesWaiting = new AtomicInteger();

    /** Turns since the last one that planned. */
    private int unplanned;

    private final ModelRunner draft;

    private volatile LoadReport load;
    private volatile SleepState.Phase phase = SleepState.Phase.AWAKE;
    private volatile boolean closed;

    /** A backend with grammars of its own, whose cache nobody listens to. */
    public ScheduledBackend(
            String name,
            String model,
            ModelRunner runner,
            TextCodec codec,
            SchedulerSettings settings,
            MailboxDriver driver,
            Telemetry telemetry,
            StepListener steps) {
        this(
                name,
                model,
                runner,
                codec,
                new Grammars(
                        codec, runner.description().vocabularySize(), codec.endOfSequenceIds()),
                settings,
                driver,
                telemetry,
                steps,
                CacheListener.NONE,
                TierChain.NONE);
    }

    /** A backend without LoRA adapters; the other parameters as below. */
    public ScheduledBackend(
            String name,
            String model,
            ModelRunner runner,
            TextCodec codec,
            Grammars grammars,
            SchedulerSettings settings,
            MailboxDriver driver,
            Telemetry telemetry,
            StepListener steps,
            CacheListener cacheEvents,
            TierChain tiers) {
        this(
                name,
                model,
                runner,
                codec,
                grammars,
                settings,
                driver,
                telemetry,
                steps,
                cacheEvents,
                tiers,
                AdapterSupply.NONE);
    }

    /**
     * @param name worker's name in explanations and metrics
     * @param model name under which it is served
     * @param codec for stop strings
     * @param grammars of the model: formats that were compiled to validate a request are found
     *     there again
     * @param driver runs the mailbox
     * @param steps hears of every step, for example a {@link StepLog}
     * @param cacheEvents hears which blocks the prefix cache gained and lost
     * @param tiers below the device, where blocks outlive it
     * @param adapters that requests may name
     * @throws IllegalArgumentException if the runner keeps a kind of state that is not scheduled
     */
    public ScheduledBackend(
            String name,
            String model,
            ModelRunner runner,
            TextCodec codec,
            Grammars grammars,
            SchedulerSettings settings,
            MailboxDriver driver,
            Telemetry telemetry,
            StepListener steps,
            CacheListener cacheEvents,
            TierChain tiers,
            AdapterSupply adapters) {
        RunnerDescription engine = runner.description();
        BlockPools pools = new BlockPools(engine);
        int length = settings.longestSequence(engine, pools);
        this.runner = runner;
        this.draft = settings.speculation().draft();
        this.grammars = grammars;
        this.cacheEvents = cacheEvents;
        this.cache =
                new PrefixCache(pools, settings.prefixCaching(), cacheEvents != CacheListener.NONE);
        this.tiered =
                new TieredCache(
                        engine,
                        runner::blocks,
                        runner.waitsAtGates(),
                        cache,
                        tiers,
                        this::moved,
                        telemetry);
        this.description = new BackendDescription(name, model, length, engine.report());
        this.scheduler =
                new BatchScheduler(
                        engine,
                        settings,
                        pools,
                        cache,
                        tiered,
                        codec,
                        new SchedulerMeasures(model, telemetry, this::load),
                        steps,
                        adapters.within(runner.adapters().map(AdapterPort::slots).orElse(0)));
        this.load = scheduler.load();
        telemetry.gauge(
                "vllm:engine_sleep_state",
                "1 in the state that holds: awake, or weights and KV blocks given back",
                Map.of("model_name", model, "sleep_state", "awake"),
                () -> phase == SleepState.Phase.AWAKE ? 1 : 0);
        telemetry.gauge(
                "vllm:engine_sleep_state",
                "1 in the state that holds: awake, or weights and KV blocks given back",
                Map.of("model_name", model, "sleep_state", "discard_all"),
                () -> phase == SleepState.Phase.ASLEEP ? 1 : 0);
        this.mailbox = driver.open("scheduler-" + name, this::turn);
    }

    @Override
    public BackendDescription description() {
        return description;
    }

    @Override
    public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
        if (closed) {
            events.on(new TokenEvent.Failed(SchedulerProblems.shuttingDown()));
            return () -> {};
        }
        CompiledFormat format;
        try {
            format = compile(request);
        } catch (RequestRefused refused) {
            events.on(new TokenEvent.Failed(refused.problem()));
            return () -> {};
        }
        GenerationRequest settled = request.settled(runner.description().firstFormPositions());
        LiveRequest live = new LiveRequest(settled, format, events);
        mailbox.post(new Event.Arrived(live));
        return () -> mailbox.post(new Event.Aborted(live));
    }

    /** On the caller's thread, for it may take a while. Null where any text will do. */
    private CompiledFormat compile(GenerationRequest request) {
        if (request.format().isEmpty()) {
            return null;
        }
        if (request.beams().isPresent()) {
            throw new RequestRefused(
                    RequestProblem.invalid(FORMAT, FORMAT + " cannot be held in a beam search"));
        }
        CompiledFormat format = grammars.compile(FORMAT, request.format().get());
        int room = description.maxModelLength() - request.prompt().length;
        if (room > 0) {
            FormatBudget.check(format, request.stop().maxTokens(), room);
        }
        return format;
    }

    @Override
    public Optional<Sleeper> sleeper() {
        return runner.sleep().isEmpty() ? Optional.empty() : Optional.of(new BackendSleeper());
    }

    @Override
    public Optional<CacheControl> cache() {
        return Optional.of(new OrderedCacheControl(description.model(), this::ask));
    }

    /** Blocks of the engine, for peers; of use where the tiers have peers. */
    public DeviceBlocks deviceBlocks() {
        return tiered.deviceBlocks();
    }

    @Override
    public LoadReport load() {
        return load;
    }

    /** A runner that is broken stays so: whoever asks sends requests elsewhere. */
    @Override
    public Optional<String> unreadyBecause() {
        return runner.brokenBecause();
    }

    /**
     * Hashes of the blocks of a layer group that the prefix cache would find. Called in the
     * mailbox's thread, or while it is at rest.
     */
    Set<BlockHash> cachedBlocks(int group) {
        return cache.known(group);
    }

    /** Fails what is alive and takes nothing more. Does not wait, and does not close the runner. */
    @Override
    public void close() {
        closed = true;
        tiered.refusePeers();
        mailbox.post(new Event.Closed());
        mailbox.close();
    }

    private void moved(CacheEvent event) {
        mailbox.post(new Event.Moved(event));
        movesWaiting.incrementAndGet();
    }

    private void turn(Event event, long nanos) {
        for (Command command : scheduler.on(event, nanos, plansAfter(event))) {
            switch (command) {
                case Command.Launch(var plan) -> launch(plan);
                case Command.Draft(var work) -> draft(work);
                case Command.LoadAdapter(var slot, var adapter) ->
                        runner.adapters()
                                .orElseThrow()
                                .load(
                                        slot,
                                        adapter,
                                        hear(
                                                new Event.Adapted(new AdapterNews.Loaded(slot)),
                                                failure ->
                                                        new Event.Adapted(
                                                                new AdapterNews.Failed(
                                                                        slot, failure))));
                case Command.MissAdapter(var digest) ->
                        mailbox.post(new Event.Adapted(new AdapterNews.Missed(digest)));
                case Command.Sleep() ->
                        runner.sleep()
                                .orElseThrow()
                                .sleep(hear(new Event.Slept(), Event.SleepFailed::new));
                case Command.Wake() ->
                        runner.sleep()
                                .orElseThrow()
                                .wake(hear(new Event.Woken(), Event.WakeFailed::new));
                case Command.Answer(var done, var failure) -> answer(done, failure);
                case Command.Tell(var request, var happened) -> {
                    try {
                        request.listener().on(happened);
                    } catch (RuntimeException e) {
                        LOG.log(
                                System.Logger.Level.ERROR,
                                "a listener failed; its request is aborted",
                                e);
                        mailbox.post(new Event.Aborted(request));
                    }
                }
            }
        }
        load = scheduler.load();
        phase = scheduler.phase();
        publishCacheEvents();
    }

    private void ask(CacheOrder order) {
        if (closed) {
            order.done().failed(new RequestRefused(SchedulerProblems.shuttingDown()));
        } else {
            moved(new CacheEvent.Asked(order));
        }
    }

    private boolean plansAfter(Event event) {
        boolean more = event instanceof Event.Moved && movesWaiting.decrementAndGet() > 0;
        unplanned = more && unplanned < MOST_UNPLANNED ? unplanned + 1 : 0;
        return unplanned == 0;
    }

    private Completion<Void> hear(Event done, Function<Throwable, Event> failed) {
        return hear(_ -> done, failed);
    }

    private <T> Completion<T> hear(Function<T, Event> done, Function<Throwable, Event> failed) {
        return new Completion<>() {
            @Override
            public void completed(T result) {
                mailbox.post(done.apply(result));
            }

            @Override
            public void failed(Throwable failure) {
                mailbox.post(failed.apply(failure));
            }
        };
    }

    /** Published first, for who was told of a sleep and asks whether it is so. */
    private void answer(Completion<Void> done, RequestRefused failure) {
        phase = scheduler.phase();
        if (failure == null) {
            done.completed(null);
        } else {
            done.failed(failure);
        }
    }

    private void publishCacheEvents() {
        List<KvEvent> batch = cache.takeEvents();
        if (!batch.isEmpty()) {
            try {
                cacheEvents.on(batch);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "a listener of cache events failed", e);
            }
        }
    }

    private void launch(StepPlan plan) {
        try {
            StepHandle step = runner.launch(plan.batch());
            // Masks are made here, while the forward pass runs.
            runner.complete(step, plan.sampling(), reportOf(plan));
        } catch (RuntimeException | Error e) {
            // An engine out of memory, too, fails its step and not the mailbox.
            mailbox.post(new Event.StepFailed(plan, e));
        }
    }

    private void draft(DraftModel.Work work) {
        try {
            StepHandle step = draft.launch(work.batch());
            draft.complete(step, work.sampling(), hear(Event.Drafted::new, Event.DraftFailed::new));
        } catch (RuntimeException | Error e) {
            mailbox.post(new Event.DraftFailed(e));
        }
    }

    private Completion<StepResult> reportOf(StepPlan plan) {
        return hear(
                result -> new Event.StepCompleted(plan, result),
                failure -> new Event.StepFailed(plan, failure));
    }

    /** The scheduler's sleep, from outside. */
    private final class BackendSleeper implements Sleeper {

        @Override
        public void sleep(SleepMode mode, Completion<Void> done) {
            post(new Event.SleepAsked(mode, done), done);
        }

        @Override
        public void wake(Completion<Void> done) {
            post(new Event.WakeAsked(done), done);
        }

        @Override
        public boolean isAsleep() {
            return phase != SleepState.Phase.AWAKE;
        }

        private void post(Event event, Completion<Void> done) {
            if (closed) {
                done.failed(new RequestRefused(SchedulerProblems.shuttingDown()));
            } else {
                mailbox.post(event);
            }
        }
    }
}
