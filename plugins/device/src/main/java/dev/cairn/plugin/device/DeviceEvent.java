package dev.cairn.plugin.device;

/**
 * A mark that can be set in a stream.
 *
 * @param handle the driver's name for it
 */
public record DeviceEvent(long handle) {}
