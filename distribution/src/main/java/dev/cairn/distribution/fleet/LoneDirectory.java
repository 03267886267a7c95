package dev.cairn.distribution.fleet;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockKey;
import java.util.List;

/** Nobody else holds anything, and nobody asks what is held here. Threads: any. */
public final class LoneDirectory implements BlockDirectory {

    @Override
    public void announce(List<BlockKey> keys, String tier) {}

    @Override
    public void withdraw(List<BlockKey> keys, String tier) {}

    @Override
    public List<BlockHolder> holders(BlockKey key) {
        return List.of();
    }

    @Override
    public void close() {}
}
