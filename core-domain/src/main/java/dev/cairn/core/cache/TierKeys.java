package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.RunnerDescription;
import java.util.List;

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

    /** Most blocks of a group that a step can fill. */
    int blocksPerStep(int group) {
        return Math.ceilDiv(runner.maxTokensPerStep(), layout(group).tokens()) + 1;
    }

    /** The account of quotas that a salt belongs to: what stands before its colon. */
    static String account(String salt) {
        int colon = salt.indexOf(':');
        return colon < 0 ? salt : salt.substring(0, colon);
    }

    List<LayerGroup> groups() {
        return runner.groups();
    }

    /** Layers of the model. */
    int layers() {
        int layers = 0;
        for (LayerGroup group : runner.groups()) {
            layers += group.layers().size();
        }
        return layers;
    }

    long blockBytes(int group) {
        return layout(group).blockBytes();
    }
}
