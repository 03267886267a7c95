package dev.cairn.transport.node;

import static java.lang.System.Logger.Level.ERROR;

import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Timers;
import java.io.IOException;
import java.util.Optional;

/**
 * One request at a worker, from its sending to the last event.
 *
 * <p>Threads: {@link #run} on a thread of its own, on which the listener is called; {@link #cancel}
 * and {@link #checkSilence} on any.
 */
final class RemoteAnswer implements Timers.Cancellation {

    private static final System.Logger LOG = System.getLogger(RemoteAnswer.class.getName());

    private static final TokenEvent CANCELLED =
            failed(Category.CANCELLED, "request_cancelled", "the request was cancelled");

    private static final TokenEvent TOO_MANY =
            failed(
                    Category.OVERLOADED,
                    "overloaded",
                    "as many requests are at the worker as may be");

    private final GenerationRequest request;
    private final TokenListener listener;
    private final ConnectionPool pool;
    private final Optional<String> key;
    private final Clock clock;
    private final NodeOptions options;
    private final EventReader events;
    private final WatchedTime time;

    private volatile NodeConnection connection;
    private volatile long heardNanos;
    private volatile boolean begun;
    private volatile boolean cancelled;
    private volatile long silentNanos;
    private boolean told;

    RemoteAnswer(
            GenerationRequest request,
            TokenListener listener,
            ConnectionPool pool,
            NodeOptions options,
            WatchedTime time,
            Clock clock) {
        this.request = request;
        this.listener = listener;
        this.pool = pool;
        this.key = options.key();
        this.options = options;
        this.clock = clock;
        this.events = new EventReader(request);
        this.time = time;
        this.heardNanos = time.nanos();
    }

    @Override
    public void cancel() {
        cancelled = true;
        closeConnection();
    }

    /**
     * Gives up if nothing was heard for too long.
     *
     * @param mostNanos that the worker may be silent
     */
    void checkSilence(long mostNanos) {
        long now = time.nanos();
        NodeConnection open = connection;
        if (open != null && open.hasUnread()) {
            // This process is late in reading it.
            heardNanos = now;
        } else if (now - heardNanos > mostNanos) {
            silentNanos = now - heardNanos;
            closeConnection();
        }
    }

    private void closeConnection() {
        NodeConnection open = connection;
        if (open != null) {
            open.close();
        }
    }

    /** Sends the request and hears the answer; waits. */
    void run() {
        try {
            hear();
        } catch (IOException | ProtocolException broken) {
            end(new TokenEvent.Interrupted(reason(broken), begun && silentNanos == 0));
        } catch (RuntimeException bug) {
            LOG.log(ERROR, "the answer of a worker could not be heard", bug);
            end(new TokenEvent.Interrupted("a fault on this side: " + bug.getMessage()));
        }
    }

    /** Tells the last event, once. */
    private void end(TokenEvent last) {
        if (!told) {
            told = true;
            tell(cancelled ? CANCELLED : last);
        }
    }

    private String reason(Exception broken) {
        return silentNanos > 0
                ? "the worker was silent for " + silentNanos / 1_000_000 + " ms"
                : String.valueOf(broken.getMessage());
    }

    private void hear() throws IOException, ProtocolException {
        for (boolean fresh = false; ; fresh = true) {
            ConnectionPool.Lent lent = pool.take(fresh);
            if (lent == null) {
                end(TOO_MANY);
                return;
            }
            NodeConnection open = lent.connection();
            connection = open;
            boolean rests = false;
            try {
                if (cancelled) {
                    throw new IOException("cancelled");
                }
                if (!lent.reused()) {
                    open.open(options.connectTime());
                }
                end(exchange(open));
                rests = events.isOver() && open.canBeReused();
                return;
            } catch (IOException broken) {
                // A worker closes what rested for long, perhaps just now.
                if (!lent.reused() || open.hasHeard() || cancelled || silentNanos > 0) {
                    throw broken;
                }
            } finally {
                connection = null;
                if (rests) {
                    pool.rest(open);
                } else {
                    pool.discard(open);
                }
            }
        }
    }

    private TokenEvent exchange(NodeConnection open) throws IOException, ProtocolException {
        open.post(NodeProtocol.GENERATE, key, RequestWriter.write(request, clock.nanos()));
        int status = open.readHead();
        heardNanos = time.nanos();
        if (status != 200) {
            return refused(status, open.readText());
        }
        var payload = new Payload();
        while (true) {
            int type = open.readFrame(payload);
            if (type < 0) {
                throw new ProtocolException("the answer ends before its end was told");
            }
            heardNanos = time.nanos();
            begun = true;
            TokenEvent event = events.read(type, payload);
            if (cancelled) {
                throw new IOException("cancelled");
            }
            if (events.isOver()) {
                return event;
            }
            if (event != null) {
                tell(event);
            }
        }
    }

    private static TokenEvent refused(int status, String text) {
        if (status == 413) {
            return failed(Category.TOO_LARGE, "request_too_large", text);
        }
        return new TokenEvent.Interrupted("the worker answered " + status + ": " + text);
    }

    private static TokenEvent failed(Category category, String code, String message) {
        return new TokenEvent.Failed(RequestProblem.of(category, code, message));
    }

    private void tell(TokenEvent event) {
        try {
            listener.on(event);
        } catch (RuntimeException bug) {
            LOG.log(ERROR, "a listener failed; its request is aborted", bug);
            cancel();
        }
    }
}
