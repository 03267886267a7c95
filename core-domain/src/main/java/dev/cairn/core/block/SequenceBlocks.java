package dev.cairn.core.block;

import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.StepBatch.BlockCopy;
import java.util.Arrays;
import java.util.List;

/**
 * The block tables of one sequence, one per layer group.
 *
 * <p>A table grows at its end as the sequence does; a sliding window's table loses blocks at its
 * start, whose entries become {@link LayerGroup#RELEASED}. Every block that a table names holds one
 * reference for it.
 *
 * <p>Threads: one mailbox owns it; a runner reads {@link #tables} during a step, in which nobody
 * changes them.
 */
public final class SequenceBlocks {

    private static final int FIRST_CAPACITY = 8;

    private final BlockPools pools;
    private final int[][] tables;
    private final int[] length;
    private final int[] released;
    private final int[] entered;

    SequenceBlocks(BlockPools pools) {
        this.pools = pools;
        this.tables = new int[pools.groups()][FIRST_CAPACITY];
        for (int[] table : tables) {
            Arrays.fill(table, LayerGroup.RELEASED);
        }
        this.length = new int[pools.groups()];
        this.released = new int[pools.groups()];
        this.entered = new int[pools.groups()];
    }

    /**
     * The tables as {@code SequenceStep} wants them, {@code [group][block]}; entries past the last
     * token are {@link LayerGroup#RELEASED}. Not copied: good for one step.
     */
    public int[][] tables() {
        return tables;
    }

    /** Blocks that a group's table holds now. */
    public int held(int group) {
        return length[group] - released[group];
    }

    /** The longest sequence that the tables can hold now, in tokens. */
    public int capacity() {
        int capacity = Integer.MAX_VALUE;
        for (int group = 0; group < tables.length; group++) {
            capacity = Math.min(capacity, length[group] * pools.blockTokens(group));
        }
        return capacity;
    }

    /** The longest sequence that the tables could hold with what is free now, in tokens. */
    public int reachable() {
        long reachable = Integer.MAX_VALUE;
        for (int group = 0; group < tables.length; group++) {
            long blocks = (long) length[group] + pools.pool(group).free();
            reachable = Math.min(reachable, blocks * pools.blockTokens(group));
        }
        return (int) reachable;
    }

    /**
     * Makes room for {@code tokens} tokens in all groups, or changes nothing.
     *
     * @return false if a group has too few free blocks
     */
    public boolean extendTo(int tokens) {
        if (reachable() < tokens) {
            return false;
        }
        for (int group = 0; group < tables.length; group++) {
            int wanted = BlockPools.blocks(tokens, pools.blockTokens(group));
            while (length[group] < wanted) {
                append(group, pools.pool(group).allocate());
            }
        }
        return true;
    }

    /** Releases the blocks that no query at {@code position} or later can see. */
    public void releaseBefore(int position) {
        for (int group = 0; group < tables.length; group++) {
            int gone = pools.firstVisible(group, position) / pools.blockTokens(group);
            for (int i = released[group]; i < Math.min(gone, length[group]); i++) {
                pools.pool(group).release(tables[group][i]);
                tables[group][i] = LayerGroup.RELEASED;
                released[group]++;
            }
        }
    }

    /** Releases every block, the last ones first; the tables are empty afterwards. */
    public void releaseAll() {
        for (int group = 0; group < tables.length; group++) {
            for (int i = length[group] - 1; i >= released[group]; i--) {
                pools.pool(group).release(tables[group][i]);
            }
            Arrays.fill(tables[group], LayerGroup.RELEASED);
            length[group] = 0;
            released[group] = 0;
            entered[group] = 0;
        }
    }

    /**
     * Tables for a sequence that has the first {@code tokens} tokens in common with this one: whole
     * blocks are shared, a block that goes on past them is copied, because its owner and the new
     * sequence both write to it.
     *
     * @param copies gets the copies that the next step has to make first, see {@link
     *     BlockPools#pendingCopy}
     * @return null, with nothing changed, if there are too few free blocks for the copies, or if a
     *     block that the new sequence needs was already released
     */
    public SequenceBlocks fork(int tokens, List<BlockCopy> copies) {
        for (int group = 0; group < tables.length; group++) {
            int first = pools.firstVisible(group, tokens) / pools.blockTokens(group);
            boolean copied = tokens % pools.blockTokens(group) != 0;
            if (first < released[group] || (copied && pools.pool(group).free() == 0)) {
                return null;
            }
        }
        SequenceBlocks forked = new SequenceBlocks(pools);
        for (int group = 0; group < tables.length; group++) {
            forkGroup(group, tokens, forked, copies);
        }
        return forked;
    }

    private void forkGroup(int group, int tokens, SequenceBlocks forked, List<BlockCopy> copies) {
        BlockPool pool = pools.pool(group);
        int whole = tokens / pools.blockTokens(group);
        for (int i = 0; i < whole; i++) {
            int block = tables[group][i];
            if (i < released[group]) {
                forked.released[group]++;
            } else {
                pool.retain(block);
            }
            forked.append(group, block);
        }
        forked.entered[group] = Math.min(whole, entered[group]);
        if (tokens % pools.blockTokens(group) != 0) {
            int copy = pool.allocate();
            copies.add(pools.pendingCopy(group, tables[group][whole], copy));
            forked.append(group, copy);
        }
    }

    /** Appends a block that a prefix cache knows, or {@link LayerGroup#RELEASED}. */
    void adopt(int group, int block) {
        if (block == LayerGroup.RELEASED) {
            released[group]++;
        } else {
            pools.pool(group).retain(block);
        }
        append(group, block);
        entered[group]++;
    }

    /** Appends a free block, or nothing if there is none: {@link BlockPool#NONE}. */
    int appendNew(int group) {
        int block = pools.pool(group).allocate();
        if (block != BlockPool.NONE) {
            append(group, block);
        }
        return block;
    }

    int block(int group, int index) {
        return tables[group][index];
    }

    /** Takes another block of the same content instead of the one that the table names. */
    void replace(int group, int index, int block) {
        pools.pool(group).retain(block);
        pools.pool(group).release(tables[group][index]);
        tables[group][index] = block;
    }

    /** Full blocks at a table's start that a prefix cache knows. */
    int entered(int group) {
        return entered[group];
    }

    void enteredTo(int group, int blocks) {
        entered[group] = blocks;
    }

    private void append(int group, int block) {
        if (length[group] == tables[group].length) {
            int[] grown = Arrays.copyOf(tables[group], 2 * length[group]);
            Arrays.fill(grown, length[group], grown.length, LayerGroup.RELEASED);
            tables[group] = grown;
        }
        tables[group][length[group]++] = block;
    }
}
