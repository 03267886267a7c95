package dev.cairn.plugin.device;

/** Work of a stream that was recorded, to be given again at once. */
public record DeviceGraph(long handle) {}
