package dev.cairn.engine.cpu.kernel;

/**
 * The kernels chosen and why.
 *
 * @param kernels to compute with
 * @param reason one line for people, such as {@code "vector 512-bit: no native library for
 *     linux-riscv64"}
 */
public record KernelSelection(Kernels kernels, String reason) {}
