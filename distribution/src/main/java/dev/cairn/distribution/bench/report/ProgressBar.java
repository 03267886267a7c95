package dev.cairn.distribution.bench.report;

import dev.cairn.distribution.bench.load.Progress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A line of a terminal that is written over as a run goes on. Threads: any. */
public final class ProgressBar implements Progress {

    private static final int WIDTH = 30;
    private static final long EVERY_NANOS = 200_000_000;

    private final PrintStream out;
    private final String name;
    private final int total;
    private final LongSupplier clock;
    private final long begin;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicLong tokens = new AtomicLong();
    private final AtomicLong shown = new AtomicLong();

    /**
     * @param total requests of the run
     * @param clock nanoseconds
     */
    public ProgressBar(PrintStream out, String name, int total, LongSupplier clock) {
        this.out = out;
        this.name = name;
        this.total = total;
        this.clock = clock;
        this.begin = clock.getAsLong();
        this.shown.set(begin - EVERY_NANOS);
    }

    @Override
    public void sent() {
        running.incrementAndGet();
        show();
    }

    @Override
    public void ended(boolean answered, long outputTokens) {
        running.updateAndGet(now -> Math.max(0, now - 1));
        done.incrementAndGet();
        tokens.addAndGet(outputTokens);
        if (!answered) {
            failed.incrementAndGet();
        }
        show();
    }

    /** Takes the line away. */
    public void clear() {
        out.print("\r\u001b[K");
        out.flush();
    }

    private void show() {
        long now = clock.getAsLong();
        long last = shown.get();
        if (now - last >= EVERY_NANOS && shown.compareAndSet(last, now)) {
            out.print("\r" + line(now) + "\u001b[K");
            out.flush();
        }
    }

    String line(long now) {
        int filled = total == 0 ? WIDTH : Math.min(WIDTH, done.get() * WIDTH / total);
        double seconds = Math.max(1e-3, (now - begin) / 1e9);
        return "%s [%s%s] %d of %d, %d running, %.0f tokens/s, %.0f s%s"
                .formatted(
                        name,
                        "#".repeat(filled),
                        "-".repeat(WIDTH - filled),
                        done.get(),
                        total,
                        running.get(),
                        tokens.get() / seconds,
                        seconds,
                        failed.get() == 0
                                ? ""
                                : String.format(Locale.ROOT, ", %d failed", failed.get()));
    }
}
