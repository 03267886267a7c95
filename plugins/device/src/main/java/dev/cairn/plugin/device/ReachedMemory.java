package dev.cairn.plugin.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Host memory of others that the device copies from and to by itself: the slab of a tier, the
 * memory through which blocks pass. Made known again whenever the runner wakes.
 *
 * <p>Threads: the device's owner.
 */
final class ReachedMemory {

    private static final System.Logger LOG = System.getLogger(ReachedMemory.class.getName());

    private final List<MemorySegment> wished = new ArrayList<>();
    private final List<MemorySegment> reached = new ArrayList<>();

    /**
     * @param device null while the runner sleeps
     * @return whether the device reaches it
     */
    boolean attach(MemorySegment memory, Device device) {
        wished.add(memory);
        return device != null && pin(memory, device);
    }

    /** The device to copy with from now on; null while the runner sleeps. */
    void over(Device device) {
        reached.clear();
        if (device != null) {
            wished.forEach(memory -> pin(memory, device));
        }
    }

    private boolean pin(MemorySegment memory, Device device) {
        String size = MemoryPlan.text(memory.byteSize());
        try {
            if (!device.pin(memory)) {
                return false;
            }
        } catch (DeviceLostException lost) {
            throw lost;
        } catch (DeviceException refusal) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} of host memory cannot be pinned ({1}): blocks are copied once more on the host",
                    size,
                    refusal.getMessage());
            return false;
        }
        reached.add(memory);
        LOG.log(
                System.Logger.Level.INFO,
                "{0} of host memory are pinned: the device copies blocks there itself",
                size);
        return true;
    }

    /** Whether the device copies there. */
    boolean covers(MemorySegment part) {
        for (int i = 0; i < reached.size(); i++) {
            MemorySegment whole = reached.get(i);
            long offset = part.address() - whole.address();
            if (offset >= 0 && offset + part.byteSize() <= whole.byteSize()) {
                return true;
            }
        }
        return false;
    }
}
