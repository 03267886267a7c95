package dev.cairn.engine.cpu;

import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import java.util.List;

/**
 * What a batch must keep to, checked before anything starts, so that a wrong block id is an
 * exception at its origin and never a stray write.
 *
 * @param twoForms whether every layer's positions have a second form
 */
record BatchRules(
        int vocabulary,
        StepLimits limits,
        List<KvGroup> groups,
        CpuAdapters adapters,
        boolean twoForms) {

    /**
     * Checks a batch.
     *
     * @throws IllegalArgumentException that says which sequence breaks which limit
     */
    void check(StepBatch batch) {
        if (batch.sequences().isEmpty()) {
            throw new IllegalArgumentException("a step brings at least one sequence");
        }
        atMost(batch.sequences().size(), limits.sequences(), "sequences");
        atMost(batch.tokens(), limits.tokens(), "tokens");
        atMost(batch.logitRows(), limits.logitRows(), "rows of logits");
        for (StepBatch.BlockCopy copy : batch.copies()) {
            if (copy.group() < 0 || copy.group() >= groups.size()) {
                throw new IllegalArgumentException("there is no layer group " + copy.group());
            }
            KvGroup group = groups.get(copy.group());
            checkBlock(group, copy.from(), "a copy's source");
            checkBlock(group, copy.to(), "a copy's target");
        }
        for (int i = 0; i < batch.sequences().size(); i++) {
            check(batch.sequences().get(i), i);
        }
    }

    private void check(SequenceStep sequence, int index) {
        int end = sequence.firstPosition() + sequence.tokens().length;
        if (end > limits.positions() || end < 0) {
            throw wrong(
                    index,
                    "reaches position "
                            + (end - 1L)
                            + ", the longest sequence here has "
                            + limits.positions()
                            + " tokens");
        }
        if (sequence.longForm() && !twoForms) {
            throw wrong(index, "wants the second form of positions; the model has one");
        }
        if (sequence.adapter() != -1 && !adapters.holds(sequence.adapter())) {
            throw wrong(
                    index,
                    "wants a LoRA adapter from slot " + sequence.adapter() + ", which is empty");
        }
        for (int token : sequence.tokens()) {
            if (token < 0 || token >= vocabulary) {
                throw wrong(index, "has token " + token + ", the vocabulary ends at " + vocabulary);
            }
        }
        if (sequence.blockTables().length != groups.size()) {
            throw wrong(
                    index,
                    "has "
                            + sequence.blockTables().length
                            + " block tables for "
                            + groups.size()
                            + " layer groups");
        }
        for (KvGroup group : groups) {
            checkTable(group, sequence, index, end - 1);
        }
    }

    private static void checkTable(KvGroup group, SequenceStep sequence, int index, int last) {
        int[] table = sequence.blockTables()[group.group().index()];
        int blockTokens = group.layout().blockTokens();
        int lastBlock = last / blockTokens;
        if (table.length <= lastBlock) {
            throw wrong(
                    index,
                    "needs "
                            + (lastBlock + 1)
                            + " blocks in group "
                            + group.group().index()
                            + ", its table has "
                            + table.length);
        }
        int firstBlock = group.firstVisible(sequence.firstPosition()) / blockTokens;
        for (int i = firstBlock; i <= lastBlock; i++) {
            if (!group.holds(table[i])) {
                throw noBlock(
                        group, table[i], "sequence " + index + ", block " + i + " of its table");
            }
        }
    }

    /** Checks that a block is one of a group's. */
    static void checkBlock(KvGroup group, int block, String what) {
        if (!group.holds(block)) {
            throw noBlock(group, block, what);
        }
    }

    private static IllegalArgumentException noBlock(KvGroup group, int block, String what) {
        return new IllegalArgumentException(
                what
                        + ": group "
                        + group.group().index()
                        + " has blocks 0 to "
                        + (group.layout().blocks() - 1)
                        + ", not "
                        + block);
    }

    private static void atMost(int found, int most, String what) {
        if (found > most) {
            throw new IllegalArgumentException(
                    "a step takes at most " + most + " " + what + ", got " + found);
        }
    }

    private static IllegalArgumentException wrong(int sequence, String what) {
        return new IllegalArgumentException("sequence " + sequence + " " + what);
    }
}
