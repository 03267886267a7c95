package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.system.Completion;

/**
 * An engine's blocks, for readers that are none of its requests. What is read costs steps next to
 * nothing: few blocks leave the device at once, and few may wait.
 */
public interface DeviceBlocks {

    /**
     * Starts to copy a whole block out of the device, with checksums that are made on the way.
     *
     * <p>Threads: any; the outcome comes on any, also before this returns. Never waits.
     *
     * @param read whose memory stays as it is until the outcome
     * @param outcome {@code FOUND}, {@code ABSENT}, {@code BUSY} where too many wait, {@code
     *     FAILED}
     */
    void read(BlockRead read, Completion<GetOutcome> outcome);
}
