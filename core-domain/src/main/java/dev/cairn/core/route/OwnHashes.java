package dev.cairn.core.route;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEvent.AllCleared;
import dev.cairn.ports.cache.KvEvent.BlocksRemoved;
import dev.cairn.ports.cache.KvEvent.BlocksStored;
import dev.cairn.ports.cache.TokenRun;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Hashes the blocks of an engine anew, from the tokens in its events: an engine's own hashes may be
 * of a kind that a router cannot compute (Python's pickle, a random root, another algorithm). Keeps
 * for each of the engine's hashes the one that Cairn gives the block.
 *
 * <p>What depends on more than tokens, salt and adapter (pictures), and what follows a block that
 * is not known, is left out: an index that knows too little costs a hit, one that knows wrongly
 * costs a computed prefix.
 *
 * <p>Threads: the index's writer.
 */
public final class OwnHashes implements EventTranslation {

    private final BlockHasher hasher;
    private final int mostBlocks;
    private final Map<Long, Own> known = new HashMap<>();
    private long leftOut;

    /** A block's hash, and how often the worker holds the block. */
    private record Own(BlockHash hash, int count) {}

    /**
     * @param hasher of the router, whose results it looks up; nobody else's
     * @param mostBlocks that are kept, some 150 bytes each; more are left out
     */
    public OwnHashes(BlockHasher hasher, int mostBlocks) {
        this.hasher = hasher;
        this.mostBlocks = mostBlocks;
    }

    /**
     * What stands for adapter and salt together in a first block's hash; neither can pass for the
     * other.
     *
     * @param adapter empty = the base model
     * @param salt empty = none
     */
    public static String salt(String adapter, String salt) {
        boolean isPlain = adapter.isEmpty() && !salt.startsWith("\0");
        return isPlain ? salt : "\0" + adapter.length() + ":" + adapter + salt;
    }

    /** Blocks that could not be hashed anew. */
    public long leftOut() {
        return leftOut;
    }

    @Override
    public void begin() {
        known.clear();
    }

    @Override
    public Optional<KvEvent> translate(KvEvent event) {
        return switch (event) {
            case BlocksStored stored ->
                    stored.tokenIds().isEmpty() ? movedOf(stored) : storedOf(stored);
            case BlocksRemoved removed -> removedOf(removed);
            case AllCleared cleared -> {
                known.clear();
                yield Optional.of(cleared);
            }
        };
    }

    private Optional<KvEvent> storedOf(BlocksStored stored) {
        BlockHash parent = null;
        if (stored.parent() != null) {
            Own own = known.get(PrefixIndex.key(stored.parent(), stored.group()));
            if (own == null) {
                return leaveOut(stored);
            }
            parent = own.hash;
        }
        if (known.size() + stored.hashes().size() > mostBlocks
                || stored.tokenIds().size() != stored.hashes().size() * stored.blockTokens()) {
            return leaveOut(stored);
        }
        BlockHash first = parent;
        String salt = salt(stored.adapter(), stored.salt());
        int[] tokens = TokenRun.copyOf(stored.tokenIds()).toInts();
        List<BlockHash> hashes = new ArrayList<>(stored.hashes().size());
        for (int i = 0; i < stored.hashes().size(); i++) {
            int size = stored.blockTokens();
            parent =
                    parent == null
                            ? hasher.first(tokens, i * size, size, salt)
                            : hasher.next(parent, tokens, i * size, size);
            hashes.add(parent);
            hold(PrefixIndex.key(stored.hashes().get(i), stored.group()), parent);
        }
        return Optional.of(as(stored, hashes, first));
    }

    private void hold(long key, BlockHash hash) {
        known.merge(key, new Own(hash, 1), (old, _) -> new Own(hash, old.count + 1));
    }

    private Optional<KvEvent> leaveOut(BlocksStored stored) {
        leftOut += stored.hashes().size();
        return Optional.empty();
    }

    /** A block that came into another tier, known by its hash alone. */
    private Optional<KvEvent> movedOf(BlocksStored stored) {
        List<BlockHash> hashes = new ArrayList<>();
        for (BlockHash hash : stored.hashes()) {
            long key = PrefixIndex.key(hash, stored.group());
            Own own = known.get(key);
            if (own != null) {
                hashes.add(own.hash);
                hold(key, own.hash);
            }
        }
        leftOut += stored.hashes().size() - hashes.size();
        return hashes.isEmpty() ? Optional.empty() : Optional.of(as(stored, hashes, null));
    }

    private static KvEvent as(BlocksStored stored, List<BlockHash> hashes, BlockHash parent) {
        return new BlocksStored(
                hashes,
                parent,
                stored.tokenIds(),
                stored.blockTokens(),
                stored.group(),
                stored.tier(),
                stored.adapter(),
                stored.salt());
    }

    private Optional<KvEvent> removedOf(BlocksRemoved removed) {
        List<BlockHash> hashes = new ArrayList<>();
        for (BlockHash hash : removed.hashes()) {
            long key = PrefixIndex.key(hash, removed.group());
            Own own = known.get(key);
            if (own != null) {
                hashes.add(own.hash);
                if (own.count == 1) {
                    known.remove(key);
                } else {
                    known.put(key, new Own(own.hash, own.count - 1));
                }
            }
        }
        return hashes.isEmpty()
                ? Optional.empty()
                : Optional.of(new BlocksRemoved(hashes, removed.group(), removed.tier()));
    }
}
