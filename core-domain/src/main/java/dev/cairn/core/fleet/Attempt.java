package dev.cairn.core.fleet;

import dev.cairn.core.route.Bookings.Booking;
import dev.cairn.core.route.Router.Routing;
import dev.cairn.ports.request.Booked;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.PrefillPlace;
import dev.cairn.ports.system.Timers.Cancellation;

/**
 * A request's time at one worker.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Attempt {

    private static final Cancellation NOTHING = () -> {};

    private final RoutedRequest request;
    private final Worker worker;
    private final Routing routing;

    /** Who reads the prompt, and what is booked there; null if that is the same worker. */
    private final Worker reader;

    private final Routing prefill;

    private final long work;
    private final int own;
    private final long sentNanos;
    private final int[] repeated;
    private boolean isLong;
    private long readerWork;
    private GenerationRequest asks;
    private Story.Chapter chapter;
    private Cancellation cancellation = NOTHING;
    private boolean isOver;
    private long firstNanos;

    /** At a worker that reads the prompt, too. */
    Attempt(RoutedRequest request, Worker worker, Routing routing, long work, int own, long nanos) {
        this(request, worker, routing, null, null, work, own, nanos);
    }

    /**
     * @param reader of the prompt
     * @param prefill what is booked there
     * @param work prompt tokens that the worker computes until it is read, others' included
     * @param own those of them that are its own, as booked
     */
    Attempt(
            RoutedRequest request,
            Worker worker,
            Routing routing,
            Worker reader,
            Routing prefill,
            long work,
            int own,
            long nanos) {
        this.own = own;
        this.request = request;
        this.worker = worker;
        this.routing = routing;
        this.reader = reader;
        this.prefill = prefill;
        this.work = work;
        this.sentNanos = nanos;
        this.repeated = request.tokensToRepeat();
        this.asks = request.request().continuing(request.continuation()).named(request.nameOfTry());
    }

    RoutedRequest request() {
        return request;
    }

    Worker worker() {
        return worker;
    }

    /** Prompt tokens that are computed for it, wherever. */
    int own() {
        return prefill == null ? own : prefill.booking().tokens();
    }

    long sentNanos() {
        return sentNanos;
    }

    /** When the prompt was computed; 0 if it is not. */
    long firstNanos() {
        return firstNanos;
    }

    boolean isOver() {
        return isOver;
    }

    boolean isSplit() {
        return prefill != null;
    }

    /** What the worker is asked: to go on after what was told. */
    GenerationRequest asks() {
        return asks;
    }

    /**
     * Somebody else reads the prompt.
     *
     * @param tokens that the reader computes until it is read
     */
    void readAt(PrefillPlace place, long tokens) {
        asks = asks.readAt(place);
        readerWork = tokens;
    }

    /** What was booked for it goes with it. */
    void booked(String router) {
        Booking here = routing.booking();
        asks =
                asks.booked(
                        new Booked(
                                router,
                                here.sequenceBlocks(),
                                here.tokens(),
                                prefill == null ? 0 : prefill.booking().tokens()));
    }

    /** The prompt is one that somebody else could have read. */
    void longPrompt() {
        isLong = true;
    }

    /** What is told of it. */
    Story.Chapter chapter() {
        return chapter;
    }

    void tellIn(Story.Chapter where) {
        chapter = where;
    }

    /** How it is aborted. */
    void abortBy(Cancellation how) {
        cancellation = how;
    }

    void abort() {
        cancellation.cancel();
        cancellation = NOTHING;
    }

    /** How many of these tokens of a choice were told before, by a worker that began anew. */
    int repeats(int choice, int tokens) {
        if (repeated == null) {
            return 0;
        }
        int known = Math.min(repeated[choice], tokens);
        repeated[choice] -= known;
        return known;
    }

    /** The prompt is computed. Returns whether that is news. */
    boolean read(long nanos) {
        if (firstNanos != 0) {
            return false;
        }
        firstNanos = nanos;
        worker.waiting().remove(request, own);
        if (prefill == null) {
            worker.pace().read(work, nanos - sentNanos);
            if (isLong) {
                worker.longPace().read(work, nanos - sentNanos);
            }
        } else {
            worker.splitPace(reader.id()).read(readerWork, nanos - sentNanos);
        }
        routing.firstToken();
        if (prefill != null) {
            prefill.firstToken();
            leaveReader();
        }
        return true;
    }

    /** The prompt's reader has nothing to do with it any more. */
    void leaveReader() {
        if (reader != null) {
            prefill.release();
            reader.readEnded(this);
        }
    }

    /** Begins: both workers know of it. */
    void begin() {
        worker.sent(this);
        worker.waiting().add(request, own);
        if (reader != null) {
            reader.reads(this);
        }
    }

    /** Over, whatever the reason: everything that was booked for it is given back. */
    void end() {
        isOver = true;
        if (firstNanos == 0) {
            worker.waiting().remove(request, own);
        }
        routing.release();
        leaveReader();
        worker.ended(this);
    }
}
