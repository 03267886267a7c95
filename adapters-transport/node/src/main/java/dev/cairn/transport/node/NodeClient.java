package dev.cairn.transport.node;

import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Timers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A worker's backend, from afar. What happens to the worker or to the way there (refused, broken,
 * silent for too long, no sense in what it says) ends a request with {@link
 * TokenEvent.Interrupted}; the worker's own refusals come as it words them.
 *
 * <p>Threads: any; a virtual thread per request tells its events, another two watch the worker.
 */
public final class NodeClient implements GenerationBackend {

    private final NodeAddress address;
    private final NodeOptions options;
    private final Clock clock;
    private final ConnectionPool pool;
    private final WorkerWatch watch;
    private final WatchedTime time;
    private final SilencePatience patience;
    private final Set<RemoteAnswer> answers = ConcurrentHashMap.newKeySet();
    private final Thread watcher;
    private final Thread listener;
    private volatile boolean closed;

    /**
     * Begins to watch the worker, and does so until it is closed.
     *
     * @param model that is asked for; empty = the worker's default
     * @param router whose bookings it is told apart from others'; empty = nobody's
     * @param changes hears of every change of the worker's state, on a thread of the client's; it
     *     hands it on and never waits
     */
    public NodeClient(
            NodeAddress address,
            String model,
            String router,
            NodeOptions options,
            Clock clock,
            Consumer<NodeState> changes) {
        this.address = address;
        this.options = options;
        this.clock = clock;
        this.time = new WatchedTime(pause().toNanos(), clock.nanos());
        this.patience = new SilencePatience(options.silence().toNanos());
        this.pool = new ConnectionPool(address, options);
        this.watch =
                new WorkerWatch(
                        address,
                        model,
                        router,
                        options,
                        time,
                        patience,
                        clock,
                        state -> {
                            if (!state.reachable()) {
                                pool.forgetResting();
                            }
                            changes.accept(state);
                        });
        this.listener = Thread.ofVirtual().name("node-watch-" + address).start(watch::run);
        this.watcher = Thread.ofVirtual().name("node-silence-" + address).start(this::look);
    }

    public NodeAddress address() {
        return address;
    }

    /** What is known of the worker now. */
    public NodeState state() {
        return watch.state();
    }

    /** Named by its address; until the worker was reached once, nothing else is known of it. */
    @Override
    public BackendDescription description() {
        return state().description();
    }

    @Override
    public LoadReport load() {
        return state().load();
    }

    @Override
    public OtherRouters otherRouters() {
        return state().others();
    }

    /** Requests that have not ended. */
    public int live() {
        return answers.size();
    }

    @Override
    public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
        if (closed) {
            events.on(
                    new TokenEvent.Failed(
                            RequestProblem.of(
                                    Category.UNAVAILABLE,
                                    "shutting_down",
                                    "this node is shutting down")));
            return () -> {};
        }
        var answer = new RemoteAnswer(request, events, pool, options, time, clock);
        answers.add(answer);
        Thread.ofVirtual()
                .name("node-answer")
                .start(
                        () -> {
                            try {
                                answer.run();
                            } finally {
                                answers.remove(answer);
                            }
                        });
        return answer;
    }

    private Duration pause() {
        return options.silence().dividedBy(8);
    }

    private void look() {
        Duration pause = pause();
        try {
            while (true) {
                Thread.sleep(pause);
                long now = clock.nanos();
                time.look(now);
                long most = patience.nanos(now);
                watch.checkSilence(most);
                answers.forEach(answer -> answer.checkSilence(most));
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends every request and watches no longer. */
    @Override
    public void close() {
        closed = true;
        watch.close();
        listener.interrupt();
        watcher.interrupt();
        answers.forEach(RemoteAnswer::cancel);
        pool.close();
    }
}
