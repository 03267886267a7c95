/**
 * What engines on a device of their own share: the port of a device ({@link
 * dev.cairn.plugin.device.Device}: memory, streams, events), the operations of a transformer on it
 * ({@link dev.cairn.plugin.device.Operations}), and the runner that plans steps over a paged KV
 * cache and drives both ({@link dev.cairn.plugin.device.DeviceRunner}). It sees the ports only; a
 * plugin for one kind of device (CUDA first) brings the two implementations. Start reading at
 * {@code DeviceRunner}, then {@code ForwardPass}.
 */
package dev.cairn.plugin.device;
