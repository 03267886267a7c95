/**
 * The CUDA engine: the driver, NVRTC and cuBLASLt bound by the foreign-function interface, kernels
 * compiled at run time for the device found and cached on disk. It brings {@link
 * dev.cairn.plugin.device.Device} and {@link dev.cairn.plugin.device.Operations} to the runner of
 * {@code dev.cairn.plugin.device}, and sees that package, the ports and the JDK only. Start reading
 * at {@code CudaRunnerFactory}, then {@code CudaOperations}; the kernels are resources beside it.
 */
package dev.cairn.plugin.cuda;
