package dev.cairn.core.route;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The blocks of a {@link PrefixIndex}: one node each, found by its key, with the set of its holders
 * and the block that usually comes next.
 *
 * <p>A node is two longs, {@code [key][set of holders : 32 | next node : 32]}, in chunks that never
 * move. Nodes of one chain lie side by side, so that a reader who follows it reads memory in order.
 * Keys are found in a table of open addressing, {@code [tag : 32 | node : 32]}, whose tag says
 * where an entry belongs, so that entries move and the table grows without a look at the nodes.
 *
 * <p>Threads: one writer, many readers who take no lock. A node's key is written last and read
 * again after what it stands for; entries move under a version, so that a key that is there is
 * found.
 */
final class NodeTable {

    /** Instead of a node where there is none. */
    static final int NONE = 0;

    /** No block has this key: the node is free. */
    static final long FREE = 0;

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);

    private static final int CHUNK_BITS = 12;
    private static final int CHUNK_NODES = 1 << CHUNK_BITS;
    private static final int CHUNK_MASK = CHUNK_NODES - 1;

    private static final long GOLDEN = 0x9e3779b97f4a7c15L;
    private static final int FIRST_BUCKETS = 1 << 10;

    /** Stripes of home buckets that have a version each. */
    private static final int STRIPE_BITS = 10;

    /** A reader who meets a moving entry so often gives up: the block counts as missing. */
    private static final int MOST_RETRIES = 100;

    private final int mostNodes;
    private final int[] moves = new int[1 << STRIPE_BITS];
    private volatile long[][] chunks = new long[0][];
    private volatile long[] buckets = new long[FIRST_BUCKETS];

    /** The writer's view of the same, which needs no volatile reads. */
    private long[][] ownChunks = chunks;

    private long[] ownBuckets = buckets;

    /** Keeps the reads of {@link #warm} from being left out. */
    private long warmed;

    private int used;
    private int live;
    private int firstFree;

    NodeTable(int mostNodes) {
        this.mostNodes = mostNodes;
    }

    /** Nodes in use. */
    int size() {
        return live;
    }

    /** One more than the greatest node ever given out. */
    int end() {
        return used + 1;
    }

    long bytes() {
        return 8L * buckets.length + 16L * CHUNK_NODES * chunks.length;
    }

    /** Readers: the key of a node now, {@link #FREE} if it is gone. */
    long key(int node) {
        return (long) LONGS.getAcquire(chunk(node), index(node));
    }

    /** Readers: set of holders and next node; good if the key is the same before and after. */
    long link(int node) {
        return (long) LONGS.getAcquire(chunk(node), index(node) + 1);
    }

    /**
     * Readers: how many blocks of a prefix follow a node one by one, each beside the one before it
     * and held by the same set.
     *
     * @param at where in the prefix the node's own block is
     */
    int run(int node, int holders, long[] keys, int at, int blocks) {
        long[] chunk = chunk(node);
        int index = index(node);
        int most = Math.min(blocks - at, (chunk.length - index) >>> 1);
        int length = 1;
        for (; length < most; length++) {
            index += 2;
            long key = (long) LONGS.getAcquire(chunk, index);
            long link = (long) LONGS.getAcquire(chunk, index + 1);
            if (key != keys[at + length]
                    || holders(link) != holders
                    || key != (long) LONGS.getAcquire(chunk, index)) {
                break;
            }
        }
        return length - 1;
    }

    static int holders(long link) {
        return (int) (link >>> 32);
    }

    static int next(long link) {
        return (int) link;
    }

    private long[] chunk(int node) {
        return chunks[(node - 1) >>> CHUNK_BITS];
    }

    private static int index(int node) {
        return ((node - 1) & CHUNK_MASK) << 1;
    }

    private static int tag(long key) {
        return (int) (key * GOLDEN >>> 32);
    }

    private static int home(int tag, long[] table) {
        return tag >>> Integer.numberOfLeadingZeros(table.length - 1);
    }

    private static int stripe(int tag) {
        return tag >>> 32 - STRIPE_BITS;
    }

    /** Readers: the node of a key, or {@link #NONE}. */
    int find(long key) {
        int tag = tag(key);
        for (int attempt = 0; attempt < MOST_RETRIES; attempt++) {
            int version = (int) INTS.getAcquire(moves, stripe(tag));
            int node = probe(key, tag);
            if (node != NONE) {
                return node;
            }
            VarHandle.acquireFence();
            if ((version & 1) == 0 && version == (int) INTS.getAcquire(moves, stripe(tag))) {
                return NONE;
            }
        }
        return NONE;
    }

    private int probe(long key, int tag) {
        long[] table = buckets;
        int mask = table.length - 1;
        for (int at = home(tag, table); ; at = (at + 1) & mask) {
            long entry = (long) LONGS.getAcquire(table, at);
            if (entry == 0) {
                return NONE;
            }
            if ((int) (entry >>> 32) == tag && key((int) entry) == key) {
                return (int) entry;
            }
        }
    }

    /** Writer: the node of a key, or {@link #NONE}. */
    int findOwn(long key) {
        int tag = tag(key);
        long[] table = ownBuckets;
        int mask = table.length - 1;
        for (int at = home(tag, table); ; at = (at + 1) & mask) {
            long entry = table[at];
            if (entry == 0) {
                return NONE;
            }
            if ((int) (entry >>> 32) == tag) {
                int node = (int) entry;
                if (ownChunk(node)[index(node)] == key) {
                    return node;
                }
            }
        }
    }

    /**
     * Writer: reads where keys will be looked for, all at once: memory that is far away answers
     * many questions in the time of one.
     */
    void warm(long[] keys, int from, int to) {
        long[] table = ownBuckets;
        long touched = 0;
        for (int i = from; i < to; i++) {
            touched ^= table[home(tag(keys[i]), table)];
        }
        warmed = touched;
    }

    /** Writer: holders of a node. */
    int ownHolders(int node) {
        return holders(ownChunk(node)[index(node) + 1]);
    }

    private long[] ownChunk(int node) {
        return ownChunks[(node - 1) >>> CHUNK_BITS];
    }

    /**
     * Writer: a node for a key that has none.
     *
     * @return {@link #NONE} if there are as many as there may be
     */
    int add(long key, int holders) {
        if (live == mostNodes) {
            return NONE;
        }
        if (live + 1 > ownBuckets.length - (ownBuckets.length >>> 2)) {
            grow();
        }
        int node = allocate();
        long[] chunk = ownChunk(node);
        LONGS.setRelease(chunk, index(node) + 1, (long) holders << 32);
        LONGS.setRelease(chunk, index(node), key);
        int tag = tag(key);
        insert(ownBuckets, (long) tag << 32 | node);
        live++;
        return node;
    }

    private int allocate() {
        if (firstFree != NONE) {
            int node = firstFree;
            firstFree = next(ownChunk(node)[index(node) + 1]);
            return node;
        }
        if (used == ownChunks.length << CHUNK_BITS) {
            long[][] more = Arrays.copyOf(ownChunks, ownChunks.length + 1);
            more[ownChunks.length] = new long[2 * CHUNK_NODES];
            ownChunks = more;
            chunks = more;
        }
        return ++used;
    }

    private void grow() {
        long[] larger = new long[2 * ownBuckets.length];
        for (long entry : ownBuckets) {
            if (entry != 0) {
                insert(larger, entry);
            }
        }
        ownBuckets = larger;
        buckets = larger;
    }

    private static void insert(long[] table, long entry) {
        int mask = table.length - 1;
        int at = home((int) (entry >>> 32), table);
        while (table[at] != 0) {
            at = (at + 1) & mask;
        }
        LONGS.setRelease(table, at, entry);
    }

    /** Writer: gives the node other holders. */
    void hold(int node, int holders) {
        long[] chunk = ownChunk(node);
        int at = index(node) + 1;
        LONGS.setRelease(chunk, at, (long) holders << 32 | chunk[at] & 0xffff_ffffL);
    }

    /** Writer: says which block follows, where readers look first. */
    void follow(int node, int next) {
        long[] chunk = ownChunk(node);
        int at = index(node) + 1;
        if (next(chunk[at]) != next) {
            LONGS.setRelease(chunk, at, chunk[at] & 0xffff_ffff_0000_0000L | next);
        }
    }

    /** Writer: forgets a node. */
    void remove(int node) {
        long[] chunk = ownChunk(node);
        int at = index(node);
        unlink(tag(chunk[at]), node);
        LONGS.setRelease(chunk, at, FREE);
        LONGS.setRelease(chunk, at + 1, (long) firstFree);
        firstFree = node;
        live--;
    }

    /** Takes an entry out; those after it that may move closer to home do. */
    private void unlink(int tag, int node) {
        long[] table = ownBuckets;
        int mask = table.length - 1;
        int hole = home(tag, table);
        while ((int) table[hole] != node) {
            hole = (hole + 1) & mask;
        }
        LONGS.setRelease(table, hole, 0L);
        for (int at = (hole + 1) & mask; table[at] != 0; at = (at + 1) & mask) {
            int other = (int) (table[at] >>> 32);
            // It may move unless its home lies behind the hole.
            if (((at - home(other, table)) & mask) >= ((at - hole) & mask)) {
                move(table, at, hole, stripe(other));
                hole = at;
            }
        }
    }

    /** Readers who look for the entry meanwhile look once more. */
    private void move(long[] table, int from, int to, int stripe) {
        int version = moves[stripe];
        INTS.setRelease(moves, stripe, version + 1);
        VarHandle.storeStoreFence();
        LONGS.setRelease(table, to, table[from]);
        LONGS.setRelease(table, from, 0L);
        INTS.setRelease(moves, stripe, version + 2);
    }
}
