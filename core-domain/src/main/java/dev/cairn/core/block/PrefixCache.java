package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.cache.DeviceStatus;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.StepBatch.BlockCopy;
import dev.cairn.ports.request.GenerationRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Finds computed blocks again by what they hold: full blocks are entered under their hash, and a
 * sequence begins with the longest prefix that every layer group can restore. A full-attention
 * group needs all blocks of the prefix, a window group those that the next token sees.
 *
 * <p>One block per group holds what a hash stands for: who computed the same once more gives its
 * own up. So whoever references a block references all blocks before it (of its window), and idle
 * blocks are let go from a sequence's end: the last blocks of a prefix are evicted first.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class PrefixCache {

    private final BlockPools pools;
    private final boolean enabled;
    private final BlockHasher hasher;
    private final int[] sizes;
    private final int[] chainOf;
    private final PrefixEvents events;
    private BlockEntries entries = BlockEntries.NONE;
    private final LookUps lookUps = new LookUps();

    /**
     * @param heard whether anybody wants {@link #takeEvents}; if not, none are made
     */
    public PrefixCache(BlockPools pools, PrefixCaching settings, boolean heard) {
        this.pools = pools;
        this.enabled = settings.enabled();
        this.hasher = new BlockHasher(settings.hashSeed(), BlockHasher.SaltForm.TAGGED);
        this.events = new PrefixEvents(heard);
        int[] all = new int[pools.groups()];
        for (int group = 0; group < all.length; group++) {
            all[group] = pools.blockTokens(group);
            int evicting = group;
            pools.pool(group).onEviction(hash -> events.removed(evicting, hash));
        }
        this.sizes = enabled ? Arrays.stream(all).distinct().toArray() : new int[0];
        this.chainOf = new int[all.length];
        for (int group = 0; group < all.length; group++) {
            for (int chain = 0; chain < sizes.length; chain++) {
                if (sizes[chain] == all[group]) {
                    chainOf[group] = chain;
                }
            }
        }
    }

    public boolean isEnabled() {
        return enabled;
    }

    /**
     * Hashes of a new sequence.
     *
     * @param request whose tenant and adapter its blocks are bound to
     */
    public PrefixHashes newPrefix(GenerationRequest request) {
        events.names(request.adapter());
        return newPrefix(request.cacheSalt());
    }

    /**
     * The hashes of a prompt, nothing hashed yet.
     *
     * @param salt as {@link GenerationRequest#cacheSalt} has it
     */
    public PrefixHashes newPrefix(String salt) {
        return new PrefixHashes(hasher, sizes, salt);
    }

    /**
     * The longest prefix that can be restored, in tokens. It may end within a block, which is then
     * copied, because the sequence will write to it.
     *
     * @param atMost tokens that the caller can use
     */
    public int longestHit(PrefixHashes prefix, int atMost) {
        return longest(prefix, atMost, Elsewhere.NOWHERE);
    }

    /** The same, were the blocks that can be had elsewhere in the device. */
    public int longestReach(PrefixHashes prefix, int atMost, Elsewhere elsewhere) {
        return longest(prefix, atMost, elsewhere);
    }

    private int longest(PrefixHashes prefix, int atMost, Elsewhere elsewhere) {
        int tokens = enabled ? atMost : 0;
        for (int group = 0; group < pools.groups() && tokens > 0; group++) {
            tokens = Math.min(tokens, prefix.blocks(chainOf[group]) * pools.blockTokens(group));
            if (pools.seesAll(group)) {
                tokens = Math.min(tokens, fromStart(prefix, group, tokens, elsewhere));
            }
        }
        // A window that cannot be restored shortens the prefix, for the other windows too.
        int[] foundFrom = new int[pools.groups()];
        Arrays.fill(foundFrom, Integer.MAX_VALUE);
        for (int before = -1; before != tokens; ) {
            before = tokens;
            for (int group = 0; group < pools.groups() && tokens > 0; group++) {
                if (!pools.seesAll(group)) {
                    tokens = windowEnd(prefix, group, tokens, foundFrom, elsewhere);
                }
            }
        }
        return tokens;
    }

    private int fromStart(PrefixHashes prefix, int group, int atMost, Elsewhere elsewhere) {
        int size = pools.blockTokens(group);
        int blocks = BlockPools.blocks(atMost, size);
        for (int i = 0; i < blocks; i++) {
            if (!isThere(prefix, group, i, elsewhere)) {
                return i * size;
            }
        }
        return atMost;
    }

    /** The longest prefix within {@code atMost} tokens whose last window is there. */
    private int windowEnd(
            PrefixHashes prefix, int group, int atMost, int[] foundFrom, Elsewhere elsewhere) {
        int size = pools.blockTokens(group);
        int tokens = atMost;
        int i = Math.min(foundFrom[group], BlockPools.blocks(tokens, size)) - 1;
        while (i >= pools.firstVisible(group, tokens) / size) {
            if (!isThere(prefix, group, i, elsewhere)) {
                tokens = i * size;
            }
            foundFrom[group] = i--;
        }
        return tokens;
    }

    private boolean isThere(PrefixHashes prefix, int group, int block, Elsewhere elsewhere) {
        return find(prefix, group, block) != BlockPool.NONE
                || elsewhere.has(group, prefix.at(chainOf[group], block));
    }

    /** The blocks that a prefix of {@code tokens} tokens is restored from, first ones first. */
    public List<BlockPlace> placesOf(PrefixHashes prefix, int tokens) {
        List<BlockPlace> places = new ArrayList<>();
        for (int group = 0; group < pools.groups(); group++) {
            int size = pools.blockTokens(group);
            int first = pools.firstVisible(group, tokens) / size;
            for (int i = first; i < BlockPools.blocks(tokens, size); i++) {
                places.add(place(prefix, group, i));
            }
        }
        return inOrder(places);
    }

    /** Every whole block of a prefix, whether or not it is there, first ones first. */
    public List<BlockPlace> wholeBlocks(PrefixHashes prefix) {
        List<BlockPlace> places = new ArrayList<>();
        for (int group = 0; enabled && group < pools.groups(); group++) {
            for (int i = 0; i < prefix.blocks(chainOf[group]); i++) {
                places.add(place(prefix, group, i));
            }
        }
        return inOrder(places);
    }

    private BlockPlace place(PrefixHashes prefix, int group, int block) {
        int size = pools.blockTokens(group);
        int chain = chainOf[group];
        return new BlockPlace(
                group,
                block * size,
                (block + 1) * size,
                block == 0 ? null : prefix.at(chain, block - 1),
                prefix.at(chain, block),
                prefix.salt(),
                find(prefix, group, block));
    }

    private static List<BlockPlace> inOrder(List<BlockPlace> places) {
        places.sort(Comparator.comparingInt(BlockPlace::end).thenComparingInt(BlockPlace::group));
        return places;
    }

    /** Whether so many tokens fill whole blocks of every group. */
    public boolean isAtBlockEnds(int tokens) {
        for (int group = 0; group < pools.groups(); group++) {
            if (tokens % pools.blockTokens(group) != 0) {
                return false;
            }
        }
        return true;
    }

    /** A free block with one reference, to be filled from elsewhere; or {@link BlockPool#NONE}. */
    public int take(int group) {
        return pools.pool(group).allocate();
    }

    /** Keeps a block from eviction until it is released. */
    public void retain(int group, int block) {
        pools.pool(group).retain(block);
    }

    public void release(int group, int block) {
        pools.pool(group).release(block);
    }

    /** The block of a group that holds what the hash stands for, or {@link BlockPool#NONE}. */
    public int find(int group, BlockHash hash) {
        return pools.pool(group).find(hash);
    }

    /**
     * A block that was taken is filled: from now on it is found, unless another is, meanwhile.
     *
     * @param place of the prefix that it was filled for
     * @param tokens that the block stands for
     */
    public void filled(BlockPlace place, int block, int[] tokens) {
        if (pools.pool(place.group()).find(place.hash()) != BlockPool.NONE) {
            return;
        }
        pools.pool(place.group()).enter(block, place.hash(), place.salt());
        entries.filled(place.group(), block);
        events.stored(
                List.of(place.hash()),
                place.parent(),
                tokens,
                0,
                tokens.length,
                tokens.length,
                place.group(),
                place.salt());
    }

    /** Who hears of blocks that were computed and entered. */
    public void onEntry(BlockEntries listener) {
        entries = listener;
    }

    /**
     * Whole blocks of a group, of those that a prefix of {@code tokens} tokens would be restored
     * from, that somebody holds already: sharing them costs nothing.
     */
    public int heldAlready(PrefixHashes prefix, int group, int tokens) {
        int size = pools.blockTokens(group);
        int held = 0;
        for (int i = pools.firstVisible(group, tokens) / size; i < tokens / size; i++) {
            if (pools.pool(group).references(find(prefix, group, i)) > 0) {
                held++;
            }
        }
        return held;
    }

    /**
     * Tables that begin with a prefix of whole blocks, some of which are still being filled.
     *
     * @param filling where those lie that the cache does not know
     */
    public SequenceBlocks adopt(PrefixHashes prefix, int tokens, Filling filling) {
        SequenceBlocks adopted = pools.newSequence();
        for (int group = 0; group < pools.groups(); group++) {
            int size = pools.blockTokens(group);
            int first = pools.firstVisible(group, tokens) / size;
            for (int i = 0; i < tokens / size; i++) {
                int block = LayerGroup.RELEASED;
                if (i >= first) {
                    int known = find(prefix, group, i);
                    BlockHash hash = prefix.at(chainOf[group], i);
                    block = known == BlockPool.NONE ? filling.blockOf(group, hash) : known;
                    if (block == BlockPool.NONE) {
                        throw new IllegalStateException("nobody fills block " + i + " of a prefix");
                    }
                }
                adopted.adopt(group, block);
            }
        }
        reused(prefix, tokens);
        return adopted;
    }

    /**
     * Tables that begin with a prefix which {@link #longestHit} found, nothing having happened
     * since.
     *
     * @param copies gets the copies that the next step has to make first, see {@link
     *     BlockPools#pendingCopy}
     * @return null, with nothing held, if there is no free block for a copy
     */
    public SequenceBlocks restore(PrefixHashes prefix, int tokens, List<BlockCopy> copies) {
        SequenceBlocks restored = pools.newSequence();
        for (int group = 0; group < pools.groups(); group++) {
            int size = pools.blockTokens(group);
            int first = pools.firstVisible(group, tokens) / size;
            for (int i = 0; i < tokens / size; i++) {
                restored.adopt(group, i < first ? LayerGroup.RELEASED : find(prefix, group, i));
            }
        }
        List<BlockCopy> made = new ArrayList<>();
        for (int group = 0; group < pools.groups(); group++) {
            int size = pools.blockTokens(group);
            if (tokens % size != 0) {
                int from = find(prefix, group, tokens / size);
                pools.pool(group).touch(from);
                int to = restored.appendNew(group);
                if (to == BlockPool.NONE) {
                    made.forEach(pools::copied);
                    restored.releaseAll();
                    return null;
                }
                if (from != to) {
                    made.add(pools.pendingCopy(group, from, to));
                }
            }
        }
        copies.addAll(made);
        reused(prefix, tokens);
        return restored;
    }

    private void reused(PrefixHashes prefix, int tokens) {
        for (int group = 0; group < pools.groups(); group++) {
            int size = pools.blockTokens(group);
            for (int i = pools.firstVisible(group, tokens) / size; i < tokens / size; i++) {
                entries.reused(group, prefix.at(chainOf[group], i), prefix.salt());
            }
        }
    }

    private int find(PrefixHashes prefix, int group, int block) {
        return pools.pool(group).find(prefix.at(chainOf[group], block));
    }

    /**
     * Makes a sequence's full blocks known. Called when a step that computed them succeeded, before
     * any of them is released.
     *
     * @param prefix hashed at least as far as {@code computed}
     * @param tokens of the sequence
     * @param computed how many of them lie in its blocks
     */
    public void enter(SequenceBlocks blocks, PrefixHashes prefix, int[] tokens, int computed) {
        if (!enabled) {
            return;
        }
        for (int group = 0; group < pools.groups(); group++) {
            int full = computed / pools.blockTokens(group);
            int fresh = -1;
            for (int i = blocks.entered(group); i < full; i++) {
                boolean isNew = enter(blocks, prefix, group, i);
                if (isNew && fresh < 0) {
                    fresh = i;
                } else if (!isNew && fresh >= 0) {
                    stored(prefix, tokens, group, fresh, i);
                    fresh = -1;
                }
            }
            if (fresh >= 0) {
                stored(prefix, tokens, group, fresh, full);
            }
            blocks.enteredTo(group, full);
        }
    }

    private boolean enter(SequenceBlocks blocks, PrefixHashes prefix, int group, int index) {
        BlockPool pool = pools.pool(group);
        int known = find(prefix, group, index);
        if (known == BlockPool.NONE) {
            pool.enter(blocks.block(group, index), prefix.at(chainOf[group], index), prefix.salt());
            entries.entered(
                    group,
                    blocks.block(group, index),
                    prefix.at(chainOf[group], index),
                    prefix.salt());
            return true;
        }
        blocks.replace(group, index, known);
        return false;
    }

    private void stored(PrefixHashes prefix, int[] tokens, int group, int from, int to) {
        if (!events.areHeard()) {
            return;
        }
        int chain = chainOf[group];
        int size = pools.blockTokens(group);
        List<BlockHash> hashes =
                IntStream.range(from, to).mapToObj(i -> prefix.at(chain, i)).toList();
        BlockHash parent = from == 0 ? null : prefix.at(chain, from - 1);
        events.stored(hashes, parent, tokens, from * size, to * size, size, group, prefix.salt());
    }

    /**
     * Forgets everything: the pools' memory is given back.
     *
     * @throws IllegalStateException if a block is in use
     */
    public void clear() {
        for (int group = 0; group < pools.groups(); group++) {
            pools.pool(group).clear();
        }
        events.cleared();
    }

    /**
     * Forgets blocks by their tenant's salt, also such as are in use: who uses them goes on, and
     * nobody else finds them.
     *
     * @return how many
     */
    public int forget(Predicate<String> salts) {
        int forgotten = 0;
        for (int group = 0; group < pools.groups(); group++) {
            BlockPool pool = pools.pool(group);
            for (int block = 0; block < pool.capacity(); block++) {
                if (pool.hash(block) != null && salts.test(pool.owner(block))) {
                    pool.forget(block);
                    forgotten++;
                }
            }
        }
        return forgotten;
    }

    public int groups() {
        return pools.groups();
    }

    /** Blocks of a group's pool. */
    public int blocks(int group) {
        return pools.pool(group).capacity();
    }

    /**
     * Shows the blocks of a group that will be evicted next, first ones first: a quarter of the
     * pool, or as many as two steps may need, less those that are empty.
     */
    public void leavingSoon(int group, int perStep, BlockVisitor visitor) {
        BlockPool pool = pools.pool(group);
        int soon = Math.max(pool.capacity() / 4, 2 * perStep) - pool.empty();
        pool.leavingNext(
                soon, block -> visitor.visit(group, block, pool.hash(block), pool.owner(block)));
    }

    /** Shows every block that can be found. */
    public void found(BlockVisitor visitor) {
        for (int group = 0; group < pools.groups(); group++) {
            BlockPool pool = pools.pool(group);
            for (int block = 0; block < pool.capacity(); block++) {
                if (pool.hash(block) != null) {
                    visitor.visit(group, block, pool.hash(block), pool.owner(block));
                }
            }
        }
    }

    /** Forgets one block, if it is found. */
    public boolean forget(int group, BlockHash hash) {
        int block = find(group, hash);
        if (block != BlockPool.NONE) {
            pools.pool(group).forget(block);
        }
        return block != BlockPool.NONE;
    }

    /** How the pools of the layer groups are used. */
    public List<DeviceStatus.GroupUse> use() {
        return pools.use();
    }

    /** What was sought, and found. */
    public LookUps lookUps() {
        return lookUps;
    }

    /** Hashes of the blocks of a group that would be found. */
    public Set<BlockHash> known(int group) {
        return pools.pool(group).known();
    }

    /** What changed since the last call, in order. */
    public List<KvEvent> takeEvents() {
        return events.take();
    }
}
