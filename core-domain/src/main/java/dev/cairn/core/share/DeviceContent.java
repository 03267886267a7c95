package dev.cairn.core.share;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.engine.RunnerDescription;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What an engine's device holds, by what its prefix cache tells.
 *
 * <p>Threads: the engine's mailbox changes it; whoever reads it sees what was true a moment ago.
 */
final class DeviceContent {

    private final RunnerDescription runner;
    private final Set<BlockKey> held = ConcurrentHashMap.newKeySet();

    DeviceContent(RunnerDescription runner) {
        this.runner = runner;
    }

    Set<BlockKey> held() {
        return held;
    }

    /**
     * @param changed hears of every block that came or left, after that is so
     */
    void changes(List<KvEvent> batch, Consumer<BlockKey> changed) {
        for (KvEvent event : batch) {
            switch (event) {
                case KvEvent.BlocksStored stored -> {
                    for (BlockHash hash : stored.hashes()) {
                        BlockKey key = key(stored.group(), hash);
                        held.add(key);
                        changed.accept(key);
                    }
                }
                case KvEvent.BlocksRemoved(var hashes, var group, var _) -> {
                    for (BlockHash hash : hashes) {
                        BlockKey key = key(group, hash);
                        held.remove(key);
                        changed.accept(key);
                    }
                }
                case KvEvent.AllCleared() -> {
                    List<BlockKey> before = List.copyOf(held);
                    held.clear();
                    before.forEach(changed);
                }
            }
        }
    }

    private BlockKey key(int group, BlockHash hash) {
        return new BlockKey(runner.fingerprint().hex(), runner.identity(), group, hash);
    }
}
