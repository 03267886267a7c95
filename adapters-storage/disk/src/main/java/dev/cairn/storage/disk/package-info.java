/**
 * Local disk as a tier: segment files that survive restarts and crashes, whatever instant they come
 * at. Start at {@link dev.cairn.storage.disk.DiskTier}; the files are described at {@link
 * dev.cairn.storage.disk.Segment} and {@link dev.cairn.storage.disk.BlockRecord}. Depends on {@code
 * ports} and {@code storage.slots}.
 */
package dev.cairn.storage.disk;
