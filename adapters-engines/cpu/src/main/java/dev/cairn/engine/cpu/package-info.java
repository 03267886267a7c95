/**
 * The CPU engine: runs decoder-only transformers step by step on the cores of this machine.
 *
 * <p>{@link dev.cairn.engine.cpu.CpuPlugin} offers {@link dev.cairn.engine.cpu.CpuRunnerFactory},
 * which checks memory, packs the weights and makes a {@link dev.cairn.engine.cpu.CpuModelRunner}. A
 * runner has one thread of its own ({@link dev.cairn.engine.cpu.StepThread}) that takes steps in
 * order: {@link dev.cairn.engine.cpu.RaggedStep} lays a batch out in rows and tiles, {@link
 * dev.cairn.engine.cpu.ForwardPass} takes the tiles through the layers with the arithmetic of
 * {@code dev.cairn.engine.cpu.kernel}, {@link dev.cairn.engine.cpu.RowSampling} chooses tokens.
 * Start reading at {@code CpuModelRunner}, then {@code ForwardPass}. Depends on the ports and on
 * the kernels, nothing else.
 */
package dev.cairn.engine.cpu;
