package dev.cairn.plugin.device;

import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import java.util.List;

/**
 * What a batch must keep to, checked before anything starts, so that a wrong block id is an
 * exception at its origin and never a stray write.
 */
record BatchRules(
        int vocabulary,
        StepLimits limits,
        List<KvGroup> groups,
        boolean twoForms,
        AdapterSlots adapters) {

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
            checkBlock(copy.group(), copy.from(), "a copy's source");
            checkBlock(copy.group(), copy.to(), "a copy's target");
        }
        for (int i = 0; i < batch.sequences().size(); i++) {
            check(batch.sequences().get(i), "sequence " + i);
        }
    }

    private void check(SequenceStep sequence, String who) {
        int end = sequence.firstPosition() + sequence.tokens().length;
        if (end > limits.positions() || end < 0) {
            throw new IllegalArgumentException(
                    "%s reaches position %d, the longest sequence here has %d tokens"
                            .formatted(who, end - 1L, limits.positions()));
        }
        if (sequence.adapter() != -1 && !adapters.holds(sequence.adapter())) {
            throw new IllegalArgumentException(
                    "%s wants a LoRA adapter from slot %d, which is empty"
                            .formatted(who, sequence.adapter()));
        }
        if (sequence.longForm() && !twoForms) {
            throw new IllegalArgumentException(
                    who + " wants the second form of positions; this model has one");
        }
        for (int token : sequence.tokens()) {
            if (token < 0 || token >= vocabulary) {
                throw new IllegalArgumentException(
                        "%s has token %d, the vocabulary ends at %d"
                                .formatted(who, token, vocabulary));
            }
        }
        if (sequence.blockTables().length != groups.size()) {
            throw new IllegalArgumentException(
                    "%s has %d block tables for %d layer groups"
                            .formatted(who, sequence.blockTables().length, groups.size()));
        }
        for (KvGroup group : groups) {
            checkTable(group, sequence, who, end - 1);
        }
    }

    private void checkTable(KvGroup group, SequenceStep sequence, String who, int last) {
        int index = group.group().index();
        int[] table = sequence.blockTables()[index];
        int lastBlock = last / group.blockTokens();
        if (table.length <= lastBlock) {
            throw new IllegalArgumentException(
                    "%s needs %d blocks in group %d, its table has %d"
                            .formatted(who, lastBlock + 1, index, table.length));
        }
        int firstBlock = group.firstVisible(sequence.firstPosition()) / group.blockTokens();
        for (int i = firstBlock; i <= lastBlock; i++) {
            if (!group.holds(table[i])) {
                checkBlock(index, table[i], who + ", block " + i + " of its table");
            }
        }
    }

    /** Checks that a block is one of a group's. */
    void checkBlock(int index, int block, String what) {
        if (index < 0 || index >= groups.size()) {
            throw new IllegalArgumentException(what + ": there is no layer group " + index);
        }
        if (!groups.get(index).holds(block)) {
            throw new IllegalArgumentException(
                    "%s: group %d has blocks 0 to %d, not %d"
                            .formatted(what, index, groups.get(index).blocks() - 1, block));
        }
    }

    private static void atMost(int found, int most, String what) {
        if (found > most) {
            throw new IllegalArgumentException(
                    "a step takes at most " + most + " " + what + ", got " + found);
        }
    }
}
