package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.engine.RunnerDescription;

/** Keys and sizes of one runner's blocks outside its device. */
final class TierKeys {

    private final RunnerDescription runner;

    TierKeys(RunnerDescription runner) {
        this.runner = runner;
    }

    BlockKey key(int group, BlockHash hash) {
        return new BlockKey(runner.fingerprint().hex(), runner.identity(), group, hash);
    }

    KvLayout layout(int group) {
        return runner.groups().get(group).layout();
    }

    long blockBytes(int group) {
        return layout(group).blockBytes();
    }
}
