package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.system.Completion;

/** One block that is to leave the device for another reader. */
record DeviceRead(BlockRead read, Completion<GetOutcome> outcome) {

    int group() {
        return read.key().group();
    }

    void ends(GetOutcome how) {
        outcome.completed(how);
    }
}
