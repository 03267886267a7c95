package dev.cairn.plugin.device;

/** The device computes no more, for this process at least; only a new process may find it whole. */
public final class DeviceLostException extends DeviceException {

    private static final long serialVersionUID = 1L;

    public DeviceLostException(String message) {
        super(message);
    }
}
