package dev.cairn.plugin.device;

import dev.cairn.ports.engine.AdapterPort;
import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.system.Completion;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * Brings LoRA adapters to the device beside the running steps: a thread of the host reads them, the
 * owner copies them part by part whenever it looks at the device.
 *
 * <p>Threads: the port's methods on any, everything else on the device's owner.
 */
final class AdapterLoads implements AdapterPort, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(AdapterLoads.class.getName());

    /** An adapter that was read. */
    private record Load(
            int slot, AdapterArtifact adapter, AdapterImage image, Completion<Void> done) {}

    private final AdapterSlots slots;
    private final int layers;
    private final OwnerThread thread;
    private final ExecutorService reader =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("cairn-device-adapters").daemon().factory());
    private final Deque<Load> waiting = new ArrayDeque<>();
    private Load current;
    private RunnerMachine machine;

    /**
     * @param layers of the model
     */
    AdapterLoads(AdapterSlots slots, int layers, OwnerThread thread) {
        this.slots = slots;
        this.layers = layers;
        this.thread = thread;
    }

    @Override
    public int slots() {
        return AdapterSlots.SLOTS;
    }

    @Override
    public void load(int slot, AdapterArtifact adapter, Completion<Void> done) {
        check(slot);
        try {
            reader.execute(() -> read(slot, adapter, done));
        } catch (RejectedExecutionException _) {
            done.failed(DeviceRunner.closedFailure());
        }
    }

    private void read(int slot, AdapterArtifact adapter, Completion<Void> done) {
        // the old one is gone whatever becomes of the new one
        unload(slot, ignored());
        AdapterImage image;
        try {
            image = AdapterImage.read(adapter, layers);
        } catch (RuntimeException | Error failure) {
            thread.post(OwnerWork.of(() -> rethrow(failure), done));
            return;
        }
        Load load = new Load(slot, adapter, image, done);
        thread.post(
                new OwnerThread.Task() {
                    @Override
                    public void run() {
                        waiting.add(load);
                    }

                    @Override
                    public void refuse() {
                        end(load, DeviceRunner.closedFailure());
                    }
                });
    }

    private static void rethrow(Throwable failure) {
        switch (failure) {
            case RuntimeException own -> throw own;
            case Error own -> throw own;
            default -> throw new IllegalStateException(failure);
        }
    }

    private static Completion<Void> ignored() {
        return new Completion<>() {
            @Override
            public void completed(Void result) {
                // nobody waits for it
            }

            @Override
            public void failed(Throwable failure) {
                // the load that follows meets the same device, and says so
            }
        };
    }

    @Override
    public void unload(int slot, Completion<Void> done) {
        check(slot);
        thread.post(
                OwnerWork.of(
                        () -> {
                            slots.empty(slot);
                            if (machine != null) {
                                machine.adapters().free(slot);
                            }
                        },
                        done));
    }

    private static void check(int slot) {
        if (slot < 0 || slot >= AdapterSlots.SLOTS) {
            throw new IllegalArgumentException(
                    "there are slots 0 to %d, not %d".formatted(AdapterSlots.SLOTS - 1, slot));
        }
    }

    /** The machine to load into from now on, with what was loaded before; null while it sleeps. */
    void over(RunnerMachine next) {
        machine = next;
        for (int slot = 0; next != null && slot < AdapterSlots.SLOTS; slot++) {
            if (slots.holds(slot)) {
                loadAgain(slot, slots.at(slot));
            }
        }
    }

    /** An adapter whose files are gone costs its own requests alone. */
    private void loadAgain(int slot, AdapterArtifact adapter) {
        AdapterRoom room = machine.adapters();
        try (AdapterImage image = AdapterImage.read(adapter, layers)) {
            room.begin(slot, image, adapter.location());
            while (!room.advance()) {
                Thread.onSpinWait();
            }
        } catch (DeviceLostException failure) {
            throw failure;
        } catch (RuntimeException failure) {
            slots.empty(slot);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the adapter of slot " + slot + " cannot be loaded after sleep",
                    failure);
        }
    }

    /** Goes on with what is to be loaded; whether there is more to do. */
    boolean look() {
        if (current == null && !waiting.isEmpty()) {
            begin(waiting.poll());
        }
        if (current != null) {
            advance();
        }
        return current != null || !waiting.isEmpty();
    }

    private void begin(Load load) {
        if (machine == null) {
            end(load, new IllegalStateException("the runner sleeps; wake it first"));
            return;
        }
        current = load;
        try {
            machine.adapters().begin(load.slot(), load.image(), load.adapter().location());
        } catch (DeviceLostException failure) {
            throw failure;
        } catch (RuntimeException failure) {
            current = null;
            end(load, failure);
        }
    }

    private void advance() {
        Load load = current;
        try {
            if (machine.adapters().advance()) {
                current = null;
                slots.put(load.slot(), load.adapter());
                end(load, null);
            }
        } catch (DeviceLostException failure) {
            throw failure;
        } catch (RuntimeException failure) {
            current = null;
            machine.adapters().abandon();
            end(load, failure);
        }
    }

    private static void end(Load load, Throwable failure) {
        load.image().close();
        if (failure == null) {
            load.done().completed(null);
        } else {
            load.done().failed(failure);
        }
    }

    /** Fails everything that is under way; the device is gone, or about to be. */
    void fail(Throwable failure) {
        if (current != null) {
            waiting.addFirst(current);
            current = null;
        }
        while (!waiting.isEmpty()) {
            end(waiting.poll(), failure);
        }
    }

    /** Lets the reader end what it has begun. */
    @Override
    public void close() {
        reader.close();
    }
}
