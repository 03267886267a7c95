package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceEvent;
import dev.cairn.plugin.device.DeviceStream;
import java.util.Set;

/**
 * A device that forgets the waits of one place in the runner's code, as if they were deleted there,
 * and notes every place that waits.
 */
final class DroppingDevice extends ForwardingDevice {

    private final Set<String> places;
    private final String dropped;

    /**
     * @param device that does everything else
     * @param places that have waited so far: class, method and line
     * @param dropped the place whose waits are forgotten; empty = none
     */
    DroppingDevice(Device device, Set<String> places, String dropped) {
        super(device);
        this.places = places;
        this.dropped = dropped;
    }

    @Override
    public void await(DeviceStream stream, DeviceEvent event) {
        if (!isDropped()) {
            super.await(stream, event);
        }
    }

    @Override
    public boolean isPassed(DeviceEvent event) {
        boolean forgotten = isDropped();
        return super.isPassed(event) || forgotten;
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
}
