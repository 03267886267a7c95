package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceEvent;
import dev.cairn.plugin.device.DeviceProperties;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.plugin.device.OperationShapes;
import dev.cairn.plugin.device.Operations;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * A device that forgets the waits of one place in the runner's code, as if they were deleted there,
 * and notes every place that waits.
 *
 * @param device that does everything else
 * @param places that have waited so far: class, method and line
 * @param dropped the place whose waits are forgotten; empty = none
 */
record DroppingDevice(Device device, Set<String> places, String dropped) implements Device {

    @Override
    public void await(DeviceStream stream, DeviceEvent event) {
        if (!isDropped()) {
            device.await(stream, event);
        }
    }

    @Override
    public boolean isPassed(DeviceEvent event) {
        boolean forgotten = isDropped();
        return device.isPassed(event) || forgotten;
    }

    private boolean isDropped() {
        String place =
                StackWalker.getInstance()
                        .walk(
                                frames ->
                                        frames.filter(
                                                        frame ->
                                                                !frame.getClassName()
                                                                        .equals(
                                                                                DroppingDevice.class
                                                                                        .getName()))
                                                .findFirst()
                                                .orElseThrow()
                                                .toString());
        places.add(place);
        return place.equals(dropped);
    }

    @Override
    public DeviceProperties properties() {
        return device.properties();
    }

    @Override
    public long freeBytes() {
        return device.freeBytes();
    }

    @Override
    public long allocate(long bytes) {
        return device.allocate(bytes);
    }

    @Override
    public MemorySegment allocatePinned(long bytes) {
        return device.allocatePinned(bytes);
    }

    @Override
    public DeviceStream stream(boolean urgent) {
        return device.stream(urgent);
    }

    @Override
    public DeviceEvent event() {
        return device.event();
    }

    @Override
    public void record(DeviceEvent event, DeviceStream stream) {
        device.record(event, stream);
    }

    @Override
    public void synchronize(DeviceStream stream) {
        device.synchronize(stream);
    }

    @Override
    public void copyIn(
            long target, MemorySegment source, long sourceOffset, long bytes, DeviceStream stream) {
        device.copyIn(target, source, sourceOffset, bytes, stream);
    }

    @Override
    public void copyOut(
            MemorySegment target, long targetOffset, long source, long bytes, DeviceStream stream) {
        device.copyOut(target, targetOffset, source, bytes, stream);
    }

    @Override
    public void copy(long target, long source, long bytes, DeviceStream stream) {
        device.copy(target, source, bytes, stream);
    }

    @Override
    public Operations operations(DeviceStream stream, OperationShapes shapes) {
        return device.operations(stream, shapes);
    }

    @Override
    public void close() {
        device.close();
    }
}
