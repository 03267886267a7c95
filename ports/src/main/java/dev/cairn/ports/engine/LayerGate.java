package dev.cairn.ports.engine;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * How far the keys and values that a step reads have come: a step may be launched while its prefix
 * is still being restored, and reads a layer when that layer is there.
 *
 * <p>The core opens it, layer after layer, each when the last {@link BlockPort#restore} that the
 * layer needs was reported. If one will never be, the core breaks it: nobody waits any more, and
 * what the step computes for the sequences behind the gate is garbage that the core throws away.
 * Their own new blocks hold garbage too; nothing else is touched.
 *
 * <p>Threads: {@link #open} and {@link #breakOpen} by any, one waits in {@link #await}; everything
 * that happened before a layer was opened is seen by who found it open.
 */
public final class LayerGate {

    /** A gate that is open from the beginning: everything is there. */
    public static final LayerGate OPEN = new LayerGate();

    private static final int ALL = Integer.MAX_VALUE;

    private volatile int open;
    private volatile boolean broken;
    private final AtomicReference<Thread> waiting = new AtomicReference<>();
    private final AtomicReference<Runnable> listener = new AtomicReference<>();

    private LayerGate() {
        open = ALL;
    }

    /** A gate in front of all layers. */
    public static LayerGate closed() {
        LayerGate gate = new LayerGate();
        gate.open = 0;
        return gate;
    }

    /**
     * Lets the first layers of the model be read; those that were open stay open.
     *
     * @param layers how many
     */
    public void open(int layers) {
        if (layers > open) {
            open = layers;
            changed();
        }
    }

    /** Lets every layer be read. */
    public void open() {
        open(ALL);
    }

    /** Ends all waiting, for what has not come will not come; a gate that is open stays whole. */
    public void breakOpen() {
        if (!isOpen() && !broken) {
            broken = true;
            changed();
        }
    }

    /** Whether every layer may be read. */
    public boolean isOpen() {
        return open == ALL;
    }

    /** Whether every layer may be read because it is there: what is computed behind it is true. */
    public boolean isWhole() {
        return isOpen() && !broken;
    }

    /** Whether it was broken: what is computed behind it is garbage. */
    public boolean isBroken() {
        return broken;
    }

    /** Whether nobody waits before this layer of the model, be it there or be the gate broken. */
    public boolean passes(int layer) {
        return layer < open || broken;
    }

    /**
     * Waits until {@link #passes}; for a runner whose steps have a thread of their own. An
     * interruption is kept for later.
     *
     * @return nanoseconds that it waited
     */
    public long await(int layer) {
        if (passes(layer)) {
            return 0;
        }
        long begin = System.nanoTime();
        boolean interrupted = false;
        waiting.set(Thread.currentThread());
        while (!passes(layer)) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        waiting.set(null);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return System.nanoTime() - begin;
    }

    /**
     * Who is told, on the thread that opens or breaks the gate, whenever that happens; for a runner
     * that waits without a thread. At most one.
     */
    public void onChange(Runnable told) {
        listener.set(told);
    }

    private void changed() {
        LockSupport.unpark(waiting.get());
        Runnable told = listener.get();
        if (told != null) {
            told.run();
        }
    }
}
