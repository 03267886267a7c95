package dev.cairn.plugin.device;

/**
 * A call that a device or one of its libraries refused. The message names the call and the code.
 */
public class DeviceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public DeviceException(String message) {
        super(message);
    }

    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
