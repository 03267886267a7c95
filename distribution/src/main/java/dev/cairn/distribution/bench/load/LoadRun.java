package dev.cairn.distribution.bench.load;

import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.prompt.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends sessions at a pace and gathers what comes back.
 *
 * <p>Threads: {@link #run} by one, {@link #stop} by any; every session has a virtual one.
 */
public final class LoadRun {

    private final LoadClient client;
    private final Requests requests;
    private final Progress progress;
    private final ConcurrentLinkedQueue<RequestRecord> records = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;
    private volatile Thread sender;

    public LoadRun(LoadClient client, Requests requests, Progress progress) {
        this.client = client;
        this.requests = requests;
        this.progress = progress;
    }

    /** Returns when every answer has ended, or was broken off by {@link #stop}. */
    public Outcome run(List<Session> sessions, Pace pace) {
        sender = Thread.currentThread();
        long begin = System.nanoTime();
        long cpu = ProcessorTime.ofThisProcess();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            switch (pace) {
                case Pace.Closed(int streams) -> closedLoop(sessions, streams, begin, threads);
                case Pace.Open open -> openLoop(sessions, open.dueNanos(), begin, threads);
            }
        }
        return new Outcome(
                sorted(), System.nanoTime() - begin, ProcessorTime.ofThisProcess() - cpu, stopped);
    }

    /** Ends the run early: answers are broken off, nothing more is sent. */
    public void stop() {
        stopped = true;
        client.cancelAll();
        LockSupport.unpark(sender);
    }

    private void closedLoop(
            List<Session> sessions, int streams, long begin, ExecutorService threads) {
        AtomicInteger next = new AtomicInteger();
        Semaphore places = new Semaphore(streams, true);
        for (int i = 0; i < Math.min(streams, sessions.size()); i++) {
            threads.execute(
                    () -> {
                        for (int index = next.getAndIncrement();
                                index < sessions.size() && !stopped;
                                index = next.getAndIncrement()) {
                            runSession(sessions.get(index), begin, -1, places);
                        }
                    });
        }
    }

    private void openLoop(
            List<Session> sessions, long[] dueNanos, long begin, ExecutorService threads) {
        Semaphore unbounded = new Semaphore(Integer.MAX_VALUE);
        for (int i = 0; i < sessions.size() && !stopped; i++) {
            long due = dueNanos[i];
            for (long left = begin + due - System.nanoTime();
                    left > 0 && !stopped;
                    left = begin + due - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
            }
            Session session = sessions.get(i);
            if (!stopped) {
                threads.execute(() -> runSession(session, begin, due, unbounded));
            }
        }
    }

    private void runSession(Session session, long begin, long due, Semaphore places) {
        new SessionRun(
                        client,
                        requests,
                        progress,
                        session,
                        begin,
                        due < 0 ? System.nanoTime() - begin : due,
                        places,
                        records::add)
                .run();
    }

    private List<RequestRecord> sorted() {
        List<RequestRecord> all = new ArrayList<>(records);
        all.sort(
                Comparator.comparingInt(RequestRecord::session)
                        .thenComparingInt(RequestRecord::turnIndex));
        return all;
    }

    /**
     * What a run gave.
     *
     * @param cpuNanos processor time of this process
     * @param stopped whether it was ended early
     */
    public record Outcome(
            List<RequestRecord> records, long wallNanos, long cpuNanos, boolean stopped) {

        public Outcome {
            records = List.copyOf(records);
        }
    }
}
