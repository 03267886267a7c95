package dev.cairn.storage.disk;

import dev.cairn.ports.system.Completion;
import dev.cairn.storage.slots.Alert;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What must happen on the disk and nobody waits for in the cache: records erased and rewritten,
 * segments deleted; one after the other, on a thread of its own.
 *
 * <p>Threads: any.
 */
final class Chores implements AutoCloseable {

    /** Evicted blocks whose records may still stand on the disk, before they are looked at. */
    private static final int MOST_STALE = 4096;

    /** Removals that may wait; a disk that hangs must not fill the heap. */
    private static final int MOST_WAITING = 1024;

    private final Alert failures = new Alert("tier disk: upkeep");

    private final DiskTier tier;
    private final LinkedBlockingQueue<Chore> queue = new LinkedBlockingQueue<>();
    private final ByteBuffer record =
            ByteBuffer.allocateDirect(BlockRecord.MOST_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final Thread thread;

    private sealed interface Chore {
        record Erase(int count, Completion<Integer> done) implements Chore {}

        record Rewrite(int slot) implements Chore {}

        record Delete(Segment segment) implements Chore {}

        record Sweep() implements Chore {}

        record End() implements Chore {}
    }

    Chores(DiskTier tier) {
        this.tier = tier;
        this.thread = Thread.ofPlatform().daemon().name("disk-chores").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /**
     * Erases what was forgotten, then completes; fails if the disk hangs. What is left is erased by
     * the next call.
     */
    void erase(int count, Completion<Integer> done) {
        if (queue.size() >= MOST_WAITING) {
            done.failed(new IOException("the disk does not keep up with what is to be erased"));
        } else {
            queue.add(new Chore.Erase(count, done));
        }
    }

    /** Writes a block's record again; whoever asks has acquired the slot. */
    void rewrite(int slot) {
        queue.add(new Chore.Rewrite(slot));
    }

    void delete(Segment segment) {
        queue.add(new Chore.Delete(segment));
    }

    void considerStale(int count) {
        if (count % MOST_STALE == 0) {
            queue.add(new Chore.Sweep());
        }
    }

    private void run() {
        boolean ended = false;
        while (!ended) {
            try {
                switch (queue.take()) {
                    case Chore.Erase(int count, Completion<Integer> done) -> erased(count, done);
                    case Chore.Rewrite(int slot) -> rewritten(slot);
                    case Chore.Delete(Segment segment) -> segment.delete();
                    case Chore.Sweep() -> sweep();
                    case Chore.End() -> ended = true;
                }
            } catch (IOException e) {
                failures.raise("what left the cache may still be on the disk: " + e);
            } catch (InterruptedException _) {
                // Nobody interrupts this thread; End is how it ends.
                Thread.interrupted();
            }
        }
    }

    private void erased(int count, Completion<Integer> done) {
        try {
            sweep();
            eraseForgotten();
        } catch (IOException e) {
            failures.raise("what was removed may come back at the next start: " + e);
            done.failed(e);
            return;
        }
        done.completed(count);
    }

    private void eraseForgotten() throws IOException {
        List<Integer> slots;
        synchronized (tier.lock()) {
            slots = tier.takeForgotten();
        }
        try {
            for (int slot : slots) {
                Segment segment = segment(slot);
                synchronized (segment) {
                    segment.eraseRecord(record, tier.slots().placeOf(slot));
                }
                if (tier.sync() == SyncPolicy.GROUP) {
                    segment.forceHead();
                }
            }
        } finally {
            synchronized (tier.lock()) {
                slots.forEach(tier.slots()::release);
            }
        }
    }

    private Segment segment(int slot) {
        synchronized (tier.lock()) {
            return tier.segmentOf(slot);
        }
    }

    /**
     * A block that was evicted and stored again elsewhere has two records until its old slot is
     * used; removed then, it would come back from the older one.
     */
    private void sweep() throws IOException {
        List<DiskTier.Stale> stale;
        synchronized (tier.lock()) {
            stale = tier.takeStale();
            long[] stamps = tier.writerStamps();
            boolean interrupted = false;
            while (!tier.writersHavePassed(stamps)) {
                try {
                    tier.lock().wait();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        for (DiskTier.Stale old : stale) {
            sweep(old);
        }
    }

    private void sweep(DiskTier.Stale old) throws IOException {
        // A writer that takes the slot now writes its record later, and needs this monitor for it.
        synchronized (old.segment()) {
            boolean stands;
            synchronized (tier.lock()) {
                stands =
                        tier.segmentOf(old.slot()) == old.segment()
                                && tier.slots().sequence(old.slot()) == old.sequence();
            }
            if (stands) {
                old.segment().eraseRecord(record, tier.slots().placeOf(old.slot()));
            }
        }
    }

    private void rewritten(int slot) throws IOException {
        Segment segment;
        BlockRecord current;
        synchronized (tier.lock()) {
            segment = tier.segmentOf(slot);
            current = tier.slots().isReady(slot) ? tier.recordOf(slot) : null;
        }
        try {
            if (current != null) {
                int place = tier.slots().placeOf(slot);
                record.clear().limit(segment.shape().recordBytes());
                current.encode(record, segment.shape().id(), place);
                synchronized (segment) {
                    segment.writeRecord(record, place);
                }
            }
        } finally {
            synchronized (tier.lock()) {
                tier.slots().release(slot);
            }
        }
    }

    /** Ends when all is done. */
    @Override
    public void close() {
        queue.add(new Chore.End());
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
