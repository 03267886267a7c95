package dev.cairn.core.fleet;

import dev.cairn.core.fleet.FleetWorker.Condition;
import dev.cairn.ports.engine.GenerationBackend;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A worker as the router sees it. One that failed is left alone for a while, twice as long each
 * time, so that it is asked by few while it is away and by all soon after it is back.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Worker {

    private static final long SHORTEST_AWAY = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int MOST_DOUBLINGS = 4;

    /** Far from any time, also when a wait is added. */
    private static final long NEVER = Long.MIN_VALUE / 2;

    private final GenerationBackend backend;
    private final int number;
    private final Set<Attempt> attempts = new LinkedHashSet<>();
    private final Set<Attempt> reads = new LinkedHashSet<>();
    private final ReadPace pace = new ReadPace();
    private final ReadPace longPace = new ReadPace();

    /** By the worker that reads for it; those that left are few. */
    private final Map<String, SplitPace> splitPaces = new HashMap<>();

    private final WaitingWork waiting = new WaitingWork();
    private FleetWorker facts;
    private int failures;
    private long awaySince;
    private long awayUntil;

    Worker(FleetWorker facts, GenerationBackend backend, int number, long nanos) {
        this.awaySince = nanos;
        this.facts = facts;
        this.backend = backend;
        this.number = number;
    }

    String id() {
        return facts.id();
    }

    FleetWorker facts() {
        return facts;
    }

    void changed(FleetWorker news, long nanos) {
        if (news.condition() == Condition.READY && facts.condition() != Condition.READY) {
            answered();
        } else if (news.condition() == Condition.AWAY && facts.condition() != Condition.AWAY) {
            boolean wasThere = failures == 0 || facts.condition() == Condition.STARTING;
            awaySince = wasThere ? nanos : awaySince;
        }
        facts = news;
    }

    GenerationBackend backend() {
        return backend;
    }

    /** By which the router knows it. */
    int number() {
        return number;
    }

    ReadPace pace() {
        return pace;
    }

    /** Of long prompts alone, such as others could read for it. */
    ReadPace longPace() {
        return longPace;
    }

    /** Of prompts that another worker reads for it. */
    SplitPace splitPace(String reader) {
        return splitPaces.computeIfAbsent(reader, _ -> new SplitPace());
    }

    /** What it has to compute of that which was sent to it. */
    WaitingWork waiting() {
        return waiting;
    }

    void sent(Attempt attempt) {
        attempts.add(attempt);
    }

    void ended(Attempt attempt) {
        attempts.remove(attempt);
    }

    /** It reads the prompt for another worker. */
    void reads(Attempt attempt) {
        reads.add(attempt);
    }

    void readEnded(Attempt attempt) {
        reads.remove(attempt);
    }

    /** Those whose prompts it reads for others. */
    List<Attempt> reads() {
        return List.copyOf(reads);
    }

    /** Those that it works on. */
    List<Attempt> attempts() {
        return List.copyOf(attempts);
    }

    /** It does what it should. */
    void answered() {
        failures = 0;
        awayUntil = 0;
    }

    /** It could not be reached, or broke off. */
    void failed(long nanos) {
        if (failures == 0) {
            awaySince = nanos;
        }
        awayUntil = nanos + (SHORTEST_AWAY << Math.min(failures, MOST_DOUBLINGS));
        failures++;
    }

    /** Its state in one word, for people. */
    String state(long nanos) {
        return switch (facts.condition()) {
            case READY -> isAway(nanos) ? "left alone" : "ready";
            case STARTING -> "starting";
            case DRAINING -> "draining";
            case AWAY -> "away";
        };
    }

    boolean isAway(long nanos) {
        return failures > 0 && nanos < awayUntil;
    }

    /** Since when it is not what it should be; if it is, long ago. */
    long awaySince() {
        return awaySince;
    }

    /** When it last was ready, or about to be; never if it takes nothing more. */
    long lastThere(long nanos) {
        return switch (facts.condition()) {
            case STARTING -> nanos;
            case DRAINING -> NEVER;
            case AWAY -> awaySince;
            case READY -> failures > 0 ? awaySince : nanos;
        };
    }

    long awayUntil() {
        return awayUntil;
    }

    /** Whether it may get work now. */
    boolean isOpen(long nanos) {
        return facts.condition() == Condition.READY && !isAway(nanos);
    }

    /**
     * Whether it is expected to be open soon.
     *
     * @param grace how long those are expected back who went away
     */
    boolean isComing(long nanos, long grace) {
        return switch (facts.condition()) {
            case STARTING -> true;
            case DRAINING -> false;
            case AWAY -> nanos - awaySince < grace;
            case READY -> failures > 0 && nanos - awaySince < grace;
        };
    }
}
