package dev.cairn.plugin.device;

import dev.cairn.ports.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The device's memory for LoRA adapters, and the way there: a stream of its own through two pinned
 * buffers, of which one is filled while the other is copied. One adapter is on its way at a time,
 * beside the running steps.
 *
 * <p>Threads: the device's owner.
 */
final class AdapterRoom {

    private static final int BUFFER_BYTES = 128 << 10;

    /** Left to what else asks for memory later, graphs above all. */
    private static final long SPARE = 32L << 20;

    private final Device device;
    private final DeviceStream stream;
    private final long table;
    private final int layers;
    private final MemorySegment[] buffers = new MemorySegment[2];
    private final DeviceEvent[] copied = new DeviceEvent[2];
    private final long[] addresses = new long[AdapterSlots.SLOTS];
    private AdapterImage image;
    private int slot;
    private int part;

    /**
     * @param table device address of {@code [slots]} addresses of adapters
     * @param layers of the model
     */
    AdapterRoom(Device device, long table, int layers) {
        this.device = device;
        this.table = table;
        this.layers = layers;
        stream = device.stream(false);
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = device.allocatePinned(BUFFER_BYTES);
            copied[i] = device.event();
        }
    }

    /**
     * Makes room for an adapter in a slot that no step uses, and lets it be the one on its way.
     *
     * @throws ModelException if the device has no room for it
     */
    void begin(int into, AdapterImage next, String name) {
        free(into);
        long usable = Math.max(0, device.freeBytes() - SPARE);
        if (next.bytes() > usable) {
            throw new ModelException(
                    "%s needs %s of device memory, %s can be had; fewer adapters at once (cairn.lora.max-loaded) or a smaller KV cache would make room"
                            .formatted(
                                    name, MemoryPlan.text(next.bytes()), MemoryPlan.text(usable)));
        }
        addresses[into] = device.allocate(next.bytes());
        next.place(addresses[into], layers);
        image = next;
        slot = into;
        part = 0;
    }

    /** Gives the stream what the buffers have room for; whether the adapter is there. */
    boolean advance() {
        int parts = Math.toIntExact(Math.ceilDiv(image.bytes(), BUFFER_BYTES));
        while (part <= parts) {
            int turn = part % 2;
            if (!device.isPassed(copied[turn])) {
                return false;
            }
            if (part < parts) {
                sendPart(turn);
            } else {
                buffers[turn].set(ValueLayout.JAVA_LONG, 0, addresses[slot]);
                device.copyIn(table + 8L * slot, buffers[turn], 0, 8, stream);
            }
            device.record(copied[turn], stream);
            part++;
        }
        return device.isPassed(copied[parts % 2]);
    }

    private void sendPart(int turn) {
        long from = (long) part * BUFFER_BYTES;
        long bytes = Math.min(BUFFER_BYTES, image.bytes() - from);
        MemorySegment.copy(image.memory(), from, buffers[turn], 0, bytes);
        device.copyIn(addresses[slot] + from, buffers[turn], 0, bytes, stream);
    }

    /** Gives a slot's memory back; no step uses it. */
    void free(int from) {
        if (addresses[from] != 0) {
            device.free(addresses[from]);
            addresses[from] = 0;
        }
    }

    /** Ends what was begun without its end: nothing of it is under way afterwards. */
    void abandon() {
        device.synchronize(stream);
        free(slot);
    }
}
