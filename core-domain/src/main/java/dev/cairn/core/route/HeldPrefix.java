package dev.cairn.core.route;

/**
 * Who holds how much of a prompt, by what workers say.
 *
 * <p>Threads: one router shard.
 */
interface HeldPrefix {

    /**
     * Looks a prompt up; the answers of the others are about it, until the next one.
     *
     * @param keys of its blocks in layer group 0
     */
    void match(long[] keys, int blocks);

    /** Blocks that a worker holds without a gap from the first one on. */
    int depth(int worker);

    /** Those of {@link #depth} that a tier holds and no faster one does. */
    int blocks(int worker, int tier);
}
