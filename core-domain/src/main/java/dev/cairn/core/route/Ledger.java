package dev.cairn.core.route;

import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.request.Booked;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What routers booked at one worker, kept by the worker: it knows of every request at once, whoever
 * sent it, and tells each router what the others booked. So routers need not know each other, and a
 * router that dies leaves nothing, for its requests end with it.
 *
 * <p>Threads: any.
 */
public final class Ledger {

    private static final int READING = 0;
    private static final int ANSWERING = 1;
    private static final int OVER = 2;

    /** So many requests later a router that sends no more is none any more. */
    private static final int LATELY = 64;

    /** Of requests that are not over, by who booked them. */
    private final Map<String, LoadReport> byRouter = new ConcurrentHashMap<>();

    /** Who sent the last requests, the oldest first. */
    private final AtomicReference<List<String>> senders = new AtomicReference<>(List.of());

    /**
     * A request comes.
     *
     * @param tokens of its prompt that are believed to be computed here
     */
    public Entry enter(Booked booked, int tokens) {
        if (booked.isPresent()) {
            sentBy(booked.router());
        }
        return new Entry(booked, tokens);
    }

    private void sentBy(String router) {
        senders.updateAndGet(
                before -> {
                    List<String> last = new ArrayList<>(LATELY);
                    last.addAll(before.subList(before.size() < LATELY ? 0 : 1, before.size()));
                    last.add(router);
                    return List.copyOf(last);
                });
    }

    /** What one router is told of all others. */
    public OtherRouters toldTo(String router) {
        LoadReport booked = others(router);
        TreeSet<String> routers = new TreeSet<>(senders.get());
        routers.add(router);
        return routers.size() == 1 && booked.equals(LoadReport.NONE)
                ? OtherRouters.NONE
                : new OtherRouters(booked, routers.headSet(router).size(), routers.size());
    }

    /** What all routers but one have booked; those whose prompt is computed are running. */
    LoadReport others(String router) {
        LoadReport others = LoadReport.NONE;
        for (Map.Entry<String, LoadReport> each : byRouter.entrySet()) {
            if (!each.getKey().equals(router)) {
                others = others.plus(each.getValue());
            }
        }
        return others;
    }

    private void change(Booked booked, int answering, int reading, long blocks, long tokens) {
        if (booked.isPresent()) {
            byRouter.compute(
                    booked.router(),
                    (_, before) -> {
                        LoadReport sum = before == null ? LoadReport.NONE : before;
                        LoadReport after =
                                new LoadReport(
                                        sum.running() + answering,
                                        sum.waiting() + reading,
                                        sum.usedBlocks() + blocks,
                                        0,
                                        sum.waitingPrefillTokens() + tokens);
                        return after.equals(LoadReport.NONE) ? null : after;
                    });
        }
    }

    /** A request's place in it. Everything may be called again, and does nothing then. */
    public final class Entry {

        private final Booked booked;
        private final int tokens;
        private final AtomicInteger state = new AtomicInteger(READING);

        private Entry(Booked booked, int tokens) {
            this.booked = booked;
            this.tokens = tokens;
            change(booked, 0, 1, booked.blocks(), tokens);
        }

        /** Its prompt is computed. */
        public void read() {
            if (state.compareAndSet(READING, ANSWERING)) {
                change(booked, 1, -1, 0, -tokens);
            }
        }

        /** It is over, whatever the reason. */
        public void end() {
            read();
            if (state.compareAndSet(ANSWERING, OVER)) {
                change(booked, -1, 0, -booked.blocks(), 0);
            }
        }
    }
}
