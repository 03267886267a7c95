package dev.cairn.core.testing;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.ports.engine.PromptReader;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.function.IntConsumer;

/** A reader of prompts in another process: what is said takes time, and some of it goes wrong. */
public final class FarReader implements PromptReader {

    private static final long LINK_NANOS = 200_000;

    private final VirtualDriver driver;
    private final PromptReader reader;
    private Fault fault = Fault.NONE;
    private IntConsumer whenReady = _ -> {};

    public FarReader(VirtualDriver driver, PromptReader reader) {
        this.driver = driver;
        this.reader = reader;
    }

    /** What the way does to the readings that begin from now on. */
    public enum Fault {
        NONE,
        /** Nobody is there. */
        REFUSES,
        /** Says nothing, for ever. */
        IS_SILENT,
        /** Dies after it has told of something. */
        DIES,
        /** Tells of some, then of nothing. */
        STALLS,
        /** Says at once that all is there. */
        LIES,
        /** Names an address where nobody lends. */
        SENDS_ASTRAY
    }

    public void fault(Fault next) {
        fault = next;
    }

    /** Hears what is told as ready, when it is told. */
    public void onReady(IntConsumer listener) {
        whenReady = listener;
    }

    @Override
    public Cancellation read(GenerationRequest request, PromptListener events) {
        Fault mine = fault;
        if (mine == Fault.REFUSES) {
            later(() -> events.on(new Lost("connection refused")));
            return () -> {};
        }
        boolean[] over = new boolean[1];
        int[] heard = new int[1];
        Cancellation[] work = {() -> {}};
        later(
                () -> {
                    if (!over[0]) {
                        work[0] =
                                reader.read(
                                        request,
                                        event ->
                                                later(
                                                        () -> {
                                                            if (!over[0]) {
                                                                pass(
                                                                        mine, event, heard, events,
                                                                        over, work);
                                                            }
                                                        }));
                    }
                });
        return () -> {
            over[0] = true;
            later(() -> work[0].cancel());
        };
    }

    private void pass(
            Fault mine,
            PromptEvent event,
            int[] heard,
            PromptListener events,
            boolean[] over,
            Cancellation[] work) {
        heard[0]++;
        switch (mine) {
            case NONE, REFUSES -> {
                if (event instanceof Ready(int tokens)) {
                    whenReady.accept(tokens);
                }
                events.on(event);
            }
            case IS_SILENT -> {}
            case DIES -> {
                events.on(event);
                if (heard[0] == 2) {
                    over[0] = true;
                    work[0].cancel();
                    events.on(new Lost("connection reset"));
                }
            }
            case STALLS -> {
                if (heard[0] <= 2) {
                    events.on(event);
                }
            }
            case LIES -> {
                events.on(event);
                if (heard[0] == 1) {
                    events.on(new Ready(1 << 20));
                }
            }
            case SENDS_ASTRAY ->
                    events.on(event instanceof Offered ? new Offered("nowhere:1") : event);
        }
    }

    private void later(Runnable what) {
        driver.schedule(driver.nanos() + LINK_NANOS, what);
    }
}
