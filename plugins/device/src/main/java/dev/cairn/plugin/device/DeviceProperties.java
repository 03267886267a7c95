package dev.cairn.plugin.device;

/**
 * What a device is.
 *
 * @param name the maker's
 * @param architecture what kernels are compiled for, for example {@code "sm_90"}
 * @param memoryBytes in all
 */
public record DeviceProperties(String name, String architecture, long memoryBytes) {}
