package dev.cairn.plugin.cuda;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * Host memory of others that the driver has pinned for this process. It pins a range once, while
 * several runners may copy there: the last one that is closed gives it back.
 *
 * <p>Threads: any, with a context.
 */
final class HostRegistrations {

    /** How many need each range, by its address. */
    private final Map<Long, Integer> users = new HashMap<>();

    /**
     * @throws dev.cairn.plugin.device.DeviceException if the driver refuses
     */
    synchronized void add(CudaDriver driver, MemorySegment memory) {
        long address = memory.address();
        int before = users.getOrDefault(address, 0);
        if (before == 0) {
            driver.register(address, memory.byteSize());
        }
        users.put(address, before + 1);
    }

    synchronized void remove(CudaDriver driver, MemorySegment memory) {
        long address = memory.address();
        int left = users.merge(address, -1, Integer::sum);
        if (left == 0) {
            users.remove(address);
            driver.unregister(address);
        }
    }
}
