package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.ServeBenchmark;
import dev.cairn.distribution.bench.load.Progress;
import dev.cairn.distribution.bench.report.ProgressBar;
import java.io.PrintStream;

/** A progress bar per run. */
final class BarDisplay implements ServeBenchmark.Display {

    /** Where nobody looks. */
    private static final ServeBenchmark.Display SILENT =
            new ServeBenchmark.Display() {
                @Override
                public Progress begin(String name, int requests) {
                    return Progress.SILENT;
                }

                @Override
                public void end() {}
            };

    private final PrintStream out;
    private ProgressBar bar;

    private BarDisplay(PrintStream out) {
        this.out = out;
    }

    /** A bar where a person sits at the terminal, else nothing. */
    static ServeBenchmark.Display on(PrintStream out) {
        boolean interactive = System.console() != null && System.console().isTerminal();
        return interactive ? new BarDisplay(out) : SILENT;
    }

    @Override
    public Progress begin(String name, int requests) {
        bar = new ProgressBar(out, name, requests, System::nanoTime);
        return bar;
    }

    @Override
    public void end() {
        if (bar != null) {
            bar.clear();
        }
    }
}
