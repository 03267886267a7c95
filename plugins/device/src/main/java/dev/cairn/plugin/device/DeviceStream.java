package dev.cairn.plugin.device;

/**
 * A queue of a device's work.
 *
 * @param handle the driver's name for it
 */
public record DeviceStream(long handle) {}
