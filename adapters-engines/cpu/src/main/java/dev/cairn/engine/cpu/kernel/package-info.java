/**
 * The arithmetic of the CPU engine: matrix products over packed weights, attention over paged keys
 * and values, and the small row operations between them, with the crew of threads that runs them.
 *
 * <p>One interface, {@link dev.cairn.engine.cpu.kernel.Kernels}, has three providers that compute
 * the same numbers: native C, the Vector API and plain Java. {@link
 * dev.cairn.engine.cpu.kernel.KernelProviders} picks one and says why. Everything that holds
 * numbers is off-heap memory owned by the caller; a kernel computes a range of the work on the
 * calling thread, and {@link dev.cairn.engine.cpu.kernel.Crew} spreads ranges over threads. The
 * package depends on the JDK alone. Start reading at {@link dev.cairn.engine.cpu.kernel.Kernels},
 * then {@link dev.cairn.engine.cpu.kernel.PackedMatrix} and {@link
 * dev.cairn.engine.cpu.kernel.KvLayout} for the two memory layouts.
 */
package dev.cairn.engine.cpu.kernel;
