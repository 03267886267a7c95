package dev.cairn.transport.events;

import java.util.ArrayDeque;
import java.util.function.BiConsumer;

/**
 * The batches published last, bounded in number and bytes.
 *
 * <p>Threads: one at a time.
 */
final class ReplayBuffer {

    private final int mostBatches;
    private final long mostBytes;
    private final ArrayDeque<Kept> kept = new ArrayDeque<>();
    private long bytes;

    ReplayBuffer(int mostBatches, long mostBytes) {
        this.mostBatches = mostBatches;
        this.mostBytes = mostBytes;
    }

    private record Kept(long sequence, byte[] payload) {}

    void add(long sequence, byte[] payload) {
        kept.addLast(new Kept(sequence, payload));
        bytes += payload.length;
        while (kept.size() > mostBatches || bytes > mostBytes) {
            bytes -= kept.removeFirst().payload.length;
        }
    }

    /** Those from a sequence number on, in order. */
    void from(long sequence, BiConsumer<Long, byte[]> each) {
        for (Kept batch : kept) {
            if (batch.sequence >= sequence) {
                each.accept(batch.sequence, batch.payload);
            }
        }
    }
}
