package dev.cairn.plugin.device;

import java.lang.foreign.MemorySegment;

/**
 * A device that computes: memory, queues of work and marks in them.
 *
 * <p>Threads: one thread owns a device and makes all calls. What is put on a stream happens in its
 * order, later; streams are independent of each other except where one waits for an event.
 *
 * <p>Errors: {@link DeviceException}; once a {@link DeviceLostException} was thrown every other
 * call throws it too. Whatever was made is given back by {@link #close}.
 */
public interface Device extends AutoCloseable {

    DeviceProperties properties();

    /** Bytes of memory that could be allocated now. */
    long freeBytes();

    /**
     * Allocates device memory, aligned to 256 bytes, with any content.
     *
     * @return its address on the device, which the host cannot touch
     */
    long allocate(long bytes);

    /**
     * Gives device memory back, and may wait for the device: not for the step loop. Nothing that a
     * stream still has to do uses it.
     */
    void free(long address);

    /** Allocates host memory that the device copies from and to while the host goes on. */
    MemorySegment allocatePinned(long bytes);

    /**
     * Makes host memory of others such that the device copies from and to it as with {@link
     * #allocatePinned}, until this is closed; the memory stays until then.
     *
     * @return whether it did; false where configuration does not want it
     * @throws DeviceException if the driver refuses
     */
    boolean pin(MemorySegment memory);

    /**
     * @param urgent whether its work goes before that of other streams
     */
    DeviceStream stream(boolean urgent);

    DeviceEvent event();

    /** Marks the end of what the stream has been given so far. */
    void record(DeviceEvent event, DeviceStream stream);

    /** Lets what the stream is given from now on wait for the event's last mark. */
    void await(DeviceStream stream, DeviceEvent event);

    /** Whether the event's last mark has been passed. */
    boolean isPassed(DeviceEvent event);

    /** Waits until the stream has done everything. */
    void synchronize(DeviceStream stream);

    /**
     * Copies from pinned host memory, which stays as it is until then.
     *
     * @param source the segment that {@link #allocatePinned} gave, or part of what was pinned
     */
    void copyIn(
            long target, MemorySegment source, long sourceOffset, long bytes, DeviceStream stream);

    /** Copies to pinned host memory. */
    void copyOut(
            MemorySegment target, long targetOffset, long source, long bytes, DeviceStream stream);

    /** Copies within the device. */
    void copy(long target, long source, long bytes, DeviceStream stream);

    /** Whether steps are to be recorded and given again. */
    boolean takesGraphs();

    /**
     * Notes what the work puts on a stream, instead of doing it: operations and copies within the
     * device. Nothing stays recorded if it fails.
     */
    DeviceGraph capture(DeviceStream stream, Runnable work);

    /** Puts on a stream what was noted, with the addresses and numbers that it had then. */
    void replay(DeviceGraph graph, DeviceStream stream);

    /** Makes the operations whose kernels and plans this device needs. */
    Operations operations(DeviceStream stream, OperationShapes shapes);

    /** Waits for all work and gives everything back; never throws for a device that is lost. */
    @Override
    void close();

    /** Opens a device on the calling thread, which owns it from then on. */
    interface Opener {

        /**
         * @throws DeviceException if it cannot be had
         */
        Device open();
    }
}
