package dev.cairn.plugin.device;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * Block traffic between the device and the host, beside the running step. The device copies between
 * a block and the caller's memory where it reaches that; elsewhere between the block and a pinned
 * slot, and a thread of the host between the slot and the caller's memory. That thread also
 * verifies what was lent, and tells of what has left, since whoever hears of it computes checksums.
 *
 * <p>A block leaves once the steps launched before have written it: the transfer stream waits for
 * their mark. It comes without waiting for anybody, since a step that is to read it is launched
 * after the completion, or waits at a gate.
 *
 * <p>Threads: the port's methods on any, everything else on the device's owner.
 */
final class Transfers implements BlockPort, AutoCloseable {

    /** A block on its way. */
    private abstract class Job implements OwnerThread.Task {
        final int group;
        final int block;
        final int firstLayer;
        final int layers;
        final MemorySegment host;
        TransferSlots.Slot slot;

        Job(int group, int block, int firstLayer, int layers, MemorySegment memory) {
            host = memory.asSlice(0, layers * rules.groups().get(group).layout().sliceBytes());
            this.group = group;
            this.block = block;
            this.firstLayer = firstLayer;
            this.layers = layers;
        }

        /** With a slot, on the owner's thread. */
        abstract void begin();

        /** When the device has passed the slot's mark. */
        abstract void copied();

        abstract void failed(Throwable failure);

        long bytes() {
            return host.byteSize();
        }

        long address() {
            KvGroup own = rules.groups().get(group);
            return machine.pools()[group]
                    + block * own.blockBytes()
                    + own.layout().sliceOffset(firstLayer);
        }

        @Override
        public void run() {
            if (machine == null) {
                failed(new IllegalStateException("the runner sleeps; wake it first"));
                return;
            }
            waiting.add(this);
            serve();
        }

        @Override
        public void refuse() {
            failed(DeviceRunner.closedFailure());
        }

        /** What the device copies from or to. */
        final MemorySegment place() {
            return isDirect() ? host : slot.memory();
        }

        final boolean isDirect() {
            return slot.memory() == null;
        }

        /** After the device: marks the slot, so that {@link #look} finds it. */
        final void onDevice() {
            machine.device().record(slot.copied(), machine.slots().stream());
            copying.add(this);
        }

        /** The host's thread is done with the slot. */
        final void backFromHost() {
            giveBackSlot();
            serve();
        }

        final void giveBackSlot() {
            if (slot != null && machine != null) {
                machine.slots().giveBack(slot);
                slot = null;
            }
        }
    }

    private final BatchRules rules;
    private final OwnerThread thread;
    private final BooleanSupplier stepIsHalfGiven;
    private final ReachedMemory reached = new ReachedMemory();
    private final ExecutorService hostThread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("cairn-device-blocks").daemon().factory());
    private final Deque<Job> waiting = new ArrayDeque<>();
    private final List<Job> copying = new ArrayList<>();
    private RunnerMachine machine;

    /**
     * @param stepIsHalfGiven whether a step was launched whose work is not wholly on its stream yet
     */
    Transfers(BatchRules rules, OwnerThread thread, BooleanSupplier stepIsHalfGiven) {
        this.rules = rules;
        this.thread = thread;
        this.stepIsHalfGiven = stepIsHalfGiven;
    }

    /** The machine to copy with from now on; null while the runner sleeps. */
    void over(RunnerMachine next) {
        machine = next;
        reached.over(next == null ? null : next.device());
    }

    @Override
    public boolean attach(MemorySegment memory) {
        return OwnerWork.await(
                thread, () -> reached.attach(memory, machine == null ? null : machine.device()));
    }

    @Override
    public void export(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease target,
            Completion<Void> done) {
        check(group, block, firstLayer, layers, target.segment().byteSize());
        thread.post(new Export(group, block, firstLayer, layers, target.segment(), done));
    }

    @Override
    public void restore(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease source,
            Completion<Void> done) {
        check(group, block, firstLayer, layers, source.segment().byteSize());
        Completion<Boolean> told =
                new Completion<>() {
                    @Override
                    public void completed(Boolean sound) {
                        done.completed(null);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        done.failed(failure);
                    }
                };
        thread.post(new Restore(group, block, firstLayer, layers, source.segment(), null, told));
    }

    @Override
    public void restoreLent(
            int group,
            int block,
            int firstLayer,
            int layers,
            BlockBytes source,
            Completion<Boolean> done) {
        MemorySegment bytes = source.bytes().segment();
        check(group, block, firstLayer, layers, bytes.byteSize());
        if (!source.layout().equals(rules.groups().get(group).layout())) {
            throw new IllegalArgumentException(
                    "a block of layout %s is none of group %d".formatted(source.layout(), group));
        }
        MemorySegment slices = bytes.asSlice(source.layout().sliceOffset(firstLayer));
        thread.post(new Restore(group, block, firstLayer, layers, slices, source, done));
    }

    private void check(int group, int block, int firstLayer, int layers, long bytes) {
        rules.checkBlock(group, block, "a transfer");
        KvGroup own = rules.groups().get(group);
        Objects.checkFromIndexSize(firstLayer, layers, own.layout().layers());
        if (bytes < layers * own.layout().sliceBytes()) {
            throw new IllegalArgumentException(
                    "%d layer slices take %d bytes, the memory lent has %d"
                            .formatted(layers, layers * own.layout().sliceBytes(), bytes));
        }
    }

    /** Gives slots to those that wait, in order. */
    void serve() {
        Iterator<Job> jobs = waiting.iterator();
        while (machine != null && jobs.hasNext()) {
            Job job = jobs.next();
            if (job instanceof Export && stepIsHalfGiven.getAsBoolean()) {
                continue; // the rest of the step may write the block
            }
            job.slot = machine.slots().take(!reached.covers(job.host));
            if (job.slot == null) {
                return;
            }
            jobs.remove();
            try {
                job.begin();
            } catch (RuntimeException failure) {
                settle();
                job.giveBackSlot();
                job.failed(failure);
            }
        }
    }

    /**
     * What was given to the device before it failed may still copy: memory is its own until then.
     */
    private void settle() {
        try {
            if (machine != null) {
                machine.device().synchronize(machine.slots().stream());
            }
        } catch (DeviceException _) {
            // the failure that is being told of says why
        }
    }

    /** Tells of copies that the device has made; whether any is under way. */
    boolean look() {
        for (int i = 0; i < copying.size(); i++) {
            Job job = copying.get(i);
            if (machine.device().isPassed(job.slot.copied())) {
                copying.remove(i--);
                job.copied();
                serve();
            }
        }
        return !copying.isEmpty();
    }

    /** Fails everything that is under way; the device is gone, or about to be. */
    void fail(Throwable failure) {
        settle();
        List<Job> all = new ArrayList<>(waiting);
        all.addAll(copying);
        waiting.clear();
        copying.clear();
        all.forEach(job -> job.failed(failure));
    }

    /** Waits until the host's thread has let go of the slots, whose memory is about to go. */
    void rest() {
        CompletableFuture.runAsync(() -> {}, hostThread).join();
    }

    /** Lets the host's thread end what it has begun. */
    @Override
    public void close() {
        hostThread.close();
    }

    private final class Export extends Job {
        private final Completion<Void> done;

        Export(
                int group,
                int block,
                int firstLayer,
                int layers,
                MemorySegment target,
                Completion<Void> done) {
            super(group, block, firstLayer, layers, target);
            this.done = done;
        }

        @Override
        void begin() {
            Device device = machine.device();
            device.await(machine.slots().stream(), machine.written());
            device.copyOut(place(), 0, address(), bytes(), machine.slots().stream());
            onDevice();
        }

        @Override
        void copied() {
            if (isDirect()) {
                giveBackSlot();
                hostThread.execute(() -> done.completed(null));
                return;
            }
            MemorySegment from = slot.memory();
            hostThread.execute(
                    () -> {
                        MemorySegment.copy(from, 0, host, 0, host.byteSize());
                        done.completed(null);
                        thread.post(new BackFromHost(this));
                    });
        }

        @Override
        void failed(Throwable failure) {
            done.failed(failure);
        }
    }

    private final class Restore extends Job {
        private final BlockBytes lent;
        private final Completion<Boolean> done;

        Restore(
                int group,
                int block,
                int firstLayer,
                int layers,
                MemorySegment source,
                BlockBytes lent,
                Completion<Boolean> done) {
            super(group, block, firstLayer, layers, source);
            this.lent = lent;
            this.done = done;
        }

        @Override
        void begin() {
            boolean direct = isDirect();
            if (direct && lent == null) {
                give();
                return;
            }
            MemorySegment to = slot.memory();
            hostThread.execute(
                    () -> {
                        boolean sound = lent == null || lent.isSound(firstLayer, layers);
                        if (!sound) {
                            done.completed(false);
                        } else if (!direct) {
                            MemorySegment.copy(host, 0, to, 0, host.byteSize());
                        }
                        thread.post(sound ? new Filled(this) : new BackFromHost(this));
                    });
        }

        private void give() {
            machine.device().copyIn(address(), place(), 0, bytes(), machine.slots().stream());
            onDevice();
        }

        /** The bytes are where the device may copy them from. */
        void filled() {
            if (machine == null) {
                failed(DeviceRunner.closedFailure());
                return;
            }
            try {
                give();
            } catch (RuntimeException failure) {
                settle();
                giveBackSlot();
                failed(failure);
            }
        }

        @Override
        void copied() {
            giveBackSlot();
            done.completed(true);
        }

        @Override
        void failed(Throwable failure) {
            done.failed(failure);
        }
    }

    /** The host's thread has done its part, and has told the caller. */
    private record BackFromHost(Job job) implements OwnerThread.Task {

        @Override
        public void run() {
            job.backFromHost();
        }

        @Override
        public void refuse() {
            // told already, and the slot goes with the device
        }
    }

    private record Filled(Restore job) implements OwnerThread.Task {

        @Override
        public void run() {
            job.filled();
        }

        @Override
        public void refuse() {
            job.refuse();
        }
    }
}
