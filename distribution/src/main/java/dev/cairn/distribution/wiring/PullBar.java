package dev.cairn.distribution.wiring;

import dev.cairn.ports.model.ModelStore;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How far a model's files are: a line that is written over where a person sits at the terminal,
 * else a line for every tenth. Threads: any.
 */
final class PullBar implements ModelStore.Progress {

    private static final int WIDTH = 30;
    private static final long EVERY_NANOS = 200_000_000;
    private static final int TENTHS = 10;

    private final PrintStream out;
    private final String model;
    private final boolean interactive;
    private final LongSupplier clock;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong shown = new AtomicLong();
    private volatile long all;
    private volatile long present;
    private volatile long begin;

    /**
     * @param clock nanoseconds
     */
    PullBar(PrintStream out, String model, boolean interactive, LongSupplier clock) {
        this.out = out;
        this.model = model;
        this.interactive = interactive;
        this.clock = clock;
    }

    @Override
    public void begin(int files, long bytes, long before) {
        all = bytes;
        present = before;
        done.set(before);
        begin = clock.getAsLong();
        shown.set(interactive ? begin - EVERY_NANOS : tenth(before));
        out.printf(
                "fetching %s: %d files, %,d MiB%s%n",
                model,
                files,
                mebibytes(bytes),
                before == 0 ? "" : ", %,d of them here".formatted(mebibytes(before)));
    }

    @Override
    public void advanced(long bytes) {
        long now = done.addAndGet(bytes);
        if (interactive) {
            writeOver(now);
        } else {
            long tenth = tenth(now);
            long last = shown.get();
            if (tenth > last && tenth < TENTHS && shown.compareAndSet(last, tenth)) {
                out.printf("fetching %s: %d %%%n", model, tenth * 100 / TENTHS);
            }
        }
    }

    /** Ends the line. */
    void end() {
        if (interactive) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }

    private long tenth(long bytes) {
        return all == 0 ? TENTHS : bytes * TENTHS / all;
    }

    private void writeOver(long bytes) {
        long now = clock.getAsLong();
        long last = shown.get();
        if (now - last >= EVERY_NANOS && shown.compareAndSet(last, now)) {
            out.print("\r" + line(bytes, now) + "\u001b[K");
            out.flush();
        }
    }

    private String line(long bytes, long now) {
        int filled = all == 0 ? WIDTH : (int) Math.clamp(bytes * WIDTH / all, 0, WIDTH);
        double seconds = Math.max(1e-3, (now - begin) / 1e9);
        return "%s [%s%s] %,d of %,d MiB, %.1f MiB/s"
                .formatted(
                        model,
                        "#".repeat(filled),
                        "-".repeat(WIDTH - filled),
                        mebibytes(bytes),
                        mebibytes(all),
                        (bytes - present) / seconds / (1 << 20));
    }

    private static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }
}
