package dev.cairn.plugin.device;

/**
 * What a runner computes with while it is awake. Threads: the device's owner, which made it.
 *
 * @param compute the stream of the forward pass and of sampling
 * @param written marks the end of what the last step writes into blocks
 * @param stepDone marks the end of a step
 */
record RunnerMachine(
        Device device,
        DeviceStream compute,
        DeviceEvent written,
        DeviceEvent stepDone,
        long[] pools,
        ForwardPass pass,
        SamplingPlan sampling,
        TransferSlots slots,
        AdapterRoom adapters)
        implements AutoCloseable {

    @Override
    public void close() {
        device.close();
    }
}
