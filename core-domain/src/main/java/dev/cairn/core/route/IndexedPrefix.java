package dev.cairn.core.route;

/** What the prefix index says of layer group 0. Threads: one router shard. */
final class IndexedPrefix implements HeldPrefix {

    private final PrefixIndex index;
    private final PrefixMatch match;

    IndexedPrefix(PrefixIndex index) {
        this.index = index;
        this.match = index.newMatch();
    }

    @Override
    public void match(long[] keys, int blocks) {
        index.match(keys, blocks, match);
    }

    @Override
    public int depth(int worker) {
        return match.depth(worker);
    }

    @Override
    public int blocks(int worker, int tier) {
        return match.blocks(worker, tier);
    }
}
