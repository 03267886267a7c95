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

    /** Copies under way that need no memory of ours. */
    private static final int MOST_DIRECT = 32;

    /**
     * Room for one block.
     *
     * @param memory null where the device copies from or to the memory of others
     * @param copied marks the end of the device's copy
     */
    record Slot(MemorySegment memory, DeviceEvent copied) {}

    private final DeviceStream stream;
    private final Deque<Slot> free = new ArrayDeque<>();
    private final Deque<Slot> direct = new ArrayDeque<>();

    TransferSlots(Device device, long blockBytes) {
        stream = device.stream(false);
        int count = Math.clamp(ALL_BYTES / blockBytes, 2, MOST);
        for (int i = 0; i < count; i++) {
            free.add(new Slot(device.allocatePinned(blockBytes), device.event()));
        }
        for (int i = 0; i < MOST_DIRECT; i++) {
            direct.add(new Slot(null, device.event()));
        }
    }

    DeviceStream stream() {
        return stream;
    }

    /**
     * A free slot, or null.
     *
     * @param withMemory whether the device needs memory of ours for it
     */
    Slot take(boolean withMemory) {
        return withMemory ? free.poll() : direct.poll();
    }

    void giveBack(Slot slot) {
        (slot.memory() == null ? direct : free).add(slot);
    }
}
