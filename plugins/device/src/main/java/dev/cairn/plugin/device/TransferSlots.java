package dev.cairn.plugin.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Pinned memory through which blocks leave and come, on a stream of their own. Threads: the
 * device's owner.
 */
final class TransferSlots {

    private static final long ALL_BYTES = 64L << 20;
    private static final int MOST = 16;

    /**
     * Room for one block.
     *
     * @param copied marks the end of the device's copy
     */
    record Slot(MemorySegment memory, DeviceEvent copied) {}

    private final DeviceStream stream;
    private final Deque<Slot> free = new ArrayDeque<>();

    TransferSlots(Device device, long blockBytes) {
        stream = device.stream(false);
        int count = Math.clamp(ALL_BYTES / blockBytes, 2, MOST);
        for (int i = 0; i < count; i++) {
            free.add(new Slot(device.allocatePinned(blockBytes), device.event()));
        }
    }

    DeviceStream stream() {
        return stream;
    }

    /** A free slot, or null. */
    Slot take() {
        return free.poll();
    }

    void giveBack(Slot slot) {
        free.add(slot);
    }
}
