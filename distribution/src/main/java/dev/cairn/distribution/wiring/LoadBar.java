package dev.cairn.distribution.wiring;

import dev.cairn.ports.engine.LoadProgress;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How far a runner's weights are: a line of a terminal that is written over. Where nobody sits at
 * it, nothing is written. Threads: any.
 */
final class LoadBar implements LoadProgress, AutoCloseable {

    private static final int WIDTH = 30;
    private static final long EVERY_NANOS = 200_000_000;

    private final PrintStream out;
    private final String model;
    private final LongSupplier clock;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong shown = new AtomicLong();
    private volatile String work = "";
    private volatile long all;

    /**
     * @param clock nanoseconds
     */
    LoadBar(PrintStream out, String model, LongSupplier clock) {
        this.out = out;
        this.model = model;
        this.clock = clock;
    }

    /** One that writes where a person sits at the terminal. */
    static LoadBar onTerminal(String model) {
        boolean interactive = System.console() != null && System.console().isTerminal();
        PrintStream out =
                interactive ? System.err : new PrintStream(PrintStream.nullOutputStream());
        return new LoadBar(out, model, System::nanoTime);
    }

    @Override
    public void begin(String work, long bytes) {
        this.work = work;
        all = Math.max(1, bytes);
        done.set(0);
        shown.set(clock.getAsLong() - EVERY_NANOS);
    }

    @Override
    public void advanced(long bytes) {
        long now = clock.getAsLong();
        long sum = done.addAndGet(bytes);
        long last = shown.get();
        if (sum >= all) {
            // What is logged next gets a line of its own.
            close();
        } else if (now - last >= EVERY_NANOS && shown.compareAndSet(last, now)) {
            int filled = (int) (sum * WIDTH / all);
            out.print(
                    "\r%s: %s [%s%s] %,d of %,d MiB\u001b[K"
                            .formatted(
                                    model,
                                    work,
                                    "#".repeat(filled),
                                    "-".repeat(WIDTH - filled),
                                    sum >> 20,
                                    all >> 20));
            out.flush();
        }
    }

    /** Takes the line away. */
    @Override
    public void close() {
        if (all > 0) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }
}
