package dev.cairn.plugin.device;

/**
 * What a device is.
 *
 * @param name the maker's
 * @param architecture what kernels are compiled for, for example {@code "sm_90"}
 * @param memoryBytes in all
 * @param blockMemoryBytes that the threads of one block may share
 * @param hasBfloat16Cores whether it multiplies small matrices of bfloat16 at once
 */
public record DeviceProperties(
        String name,
        String architecture,
        long memoryBytes,
        int blockMemoryBytes,
        boolean hasBfloat16Cores) {}
