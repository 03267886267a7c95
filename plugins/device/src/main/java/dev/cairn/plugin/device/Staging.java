package dev.cairn.plugin.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Numbers on their way to the device: written here one behind the other, then copied at once.
 * Rewritten by the next step, when the device has passed the copy. Threads: the device's owner.
 */
final class Staging {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    /** Parts begin at such a multiple, so that any element may lie there. */
    private static final long ALIGNMENT = 16;

    private final MemorySegment host;
    private final long device;
    private final long capacity;
    private long used;

    private Staging(MemorySegment host, long device, long capacity) {
        this.host = host;
        this.device = device;
        this.capacity = capacity;
    }

    static Staging allocate(Device device, long bytes) {
        long capacity = Math.max(ALIGNMENT, bytes);
        return new Staging(device.allocatePinned(capacity), device.allocate(capacity), capacity);
    }

    void clear() {
        used = 0;
    }

    /** Whether so many bytes more fit, each part on its own boundary. */
    boolean fits(long bytes) {
        return aligned(used) + bytes <= capacity;
    }

    /** Begins a part; its device address. */
    long part() {
        used = aligned(used);
        return device + used;
    }

    /** Device address of the beginning. */
    long start() {
        return device;
    }

    /** Bytes written so far. */
    long used() {
        return used;
    }

    void put(int value) {
        host.set(INT, used, value);
        used += 4;
    }

    void put(float value) {
        put(Float.floatToRawIntBits(value));
    }

    void put(long value) {
        put((int) value);
        put((int) (value >>> 32));
    }

    void put(int[] values, int from, int count) {
        MemorySegment.copy(values, from, host, INT, used, count);
        used += 4L * count;
    }

    void fill(int value, int count) {
        for (int i = 0; i < count; i++) {
            put(value);
        }
    }

    void send(Device target, DeviceStream stream) {
        if (used > 0) {
            target.copyIn(device, host, 0, used, stream);
        }
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
