package dev.cairn.transport.http;

import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.system.Timers.Cancellation;
import dev.cairn.transport.http.AnswerQueue.Happening;
import io.helidon.webserver.CloseConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The calls of one request while they run: one per prompt. Whatever ends the request early, the
 * client's going included, aborts those that still run.
 *
 * <p>Threads: the request's, except {@link #stop} and the watch on the client.
 */
final class RunningCalls implements LiveRequests.Live, AutoCloseable {

    private final AnswerQueue queue = new AnswerQueue();
    private final LiveRequests live;
    private final ClientConnection client;
    private final List<Cancellation> running = new ArrayList<>();
    private boolean aborted;

    private RunningCalls(LiveRequests live, ClientConnection client) {
        this.live = live;
        this.client = client;
    }

    /**
     * @throws dev.cairn.ports.request.RequestRefused if any of the calls cannot be served; none
     *     runs then
     */
    static RunningCalls start(
            List<GenerationCall> calls,
            InferenceService service,
            ClientConnection client,
            LiveRequests live) {
        var result = new RunningCalls(live, client);
        live.enter(result);
        try {
            client.watch(result::clientGone);
            for (int i = 0; i < calls.size(); i++) {
                result.add(service.generate(calls.get(i), result.queue.listener(i)));
            }
        } catch (RuntimeException refused) {
            result.close();
            throw refused;
        }
        return result;
    }

    /**
     * Waits for the next thing to happen.
     *
     * @throws CloseConnectionException if the thread is interrupted: the server closes the
     *     connection
     */
    Happening next(Duration patience) {
        try {
            return queue.take(patience);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("the server stops", stopped);
        }
    }

    /** Whether {@link #next} would wait. */
    boolean isQuiet() {
        return queue.isEmpty();
    }

    @Override
    public void stop(RequestProblem problem) {
        queue.stop(problem);
        abort();
    }

    /** Ends what still runs; cancelling a call that has ended does nothing. */
    @Override
    public void close() {
        client.requestEnds();
        abort();
        live.leave(this);
    }

    private void clientGone() {
        queue.clientGone();
        abort();
    }

    private void add(Cancellation call) {
        boolean tooLate;
        synchronized (running) {
            tooLate = aborted;
            running.add(call);
        }
        if (tooLate) {
            call.cancel();
        }
    }

    private void abort() {
        List<Cancellation> all;
        synchronized (running) {
            if (aborted) {
                return;
            }
            aborted = true;
            all = List.copyOf(running);
        }
        all.forEach(Cancellation::cancel);
    }
}
