package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.block.CacheListener;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.cache.KvEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Knows what a cache holds from its events alone, as a router does, and holds the events to their
 * promises: nothing is stored twice or removed unseen, hashes are those of the tokens.
 */
final class CacheMirror implements CacheListener {

    private final BlockHasher hasher = new BlockHasher();
    private final Map<Integer, Set<BlockHash>> held = new HashMap<>();
    private CacheListener other = CacheListener.NONE;
    private long stored;
    private long removed;

    @Override
    public void on(List<KvEvent> batch) {
        assertThat(batch).isNotEmpty();
        other.on(batch);
        for (KvEvent event : batch) {
            switch (event) {
                case KvEvent.BlocksStored blocks -> store(blocks);
                case KvEvent.BlocksRemoved(var hashes, var group, var tier) -> {
                    assertThat(tier).isEqualTo("device");
                    for (BlockHash hash : hashes) {
                        assertThat(of(group).remove(hash)).as("removed unseen").isTrue();
                        removed++;
                    }
                }
                case KvEvent.AllCleared() -> held.clear();
            }
        }
    }

    private void store(KvEvent.BlocksStored blocks) {
        int size = blocks.blockTokens();
        int[] tokens = blocks.tokenIds().stream().mapToInt(Integer::intValue).toArray();
        assertThat(tokens).hasSize(size * blocks.hashes().size());
        BlockHash parent = blocks.parent();
        for (int i = 0; i < blocks.hashes().size(); i++) {
            BlockHash hash = blocks.hashes().get(i);
            if (parent != null) {
                assertThat(hash).isEqualTo(hasher.next(parent, tokens, i * size, size));
            }
            assertThat(of(blocks.group()).add(hash)).as("stored twice").isTrue();
            stored++;
            parent = hash;
        }
    }

    /** Somebody else hears the same. */
    void also(CacheListener listener) {
        other = listener;
    }

    /** What a group holds now. */
    Set<BlockHash> of(int group) {
        return held.computeIfAbsent(group, _ -> new HashSet<>());
    }

    long stored() {
        return stored;
    }

    long removed() {
        return removed;
    }
}
