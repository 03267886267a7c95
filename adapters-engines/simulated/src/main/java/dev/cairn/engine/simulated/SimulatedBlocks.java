package dev.cairn.engine.simulated;

import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.RandomSource;
import dev.cairn.ports.system.Timers;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The "keys and values": a number per position, which hashes every token up to there. It is made
 * from the number of the position before, read through the block table, so that a wrong table, a
 * block given away too early or a copy forgotten shows as other tokens.
 *
 * <p>A block takes memory once it is written. Outside, the numbers stand at the start of every
 * layer slice.
 *
 * <p>Threads: one mailbox.
 */
final class SimulatedBlocks implements BlockPort {

    private static final ValueLayout.OfLong NUMBER =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN);

    private final List<LayerGroup> groups;
    private final long[][][] numbers;
    private final Clock clock;
    private final Timers timers;

    SimulatedBlocks(RunnerDescription description, Clock clock, Timers timers) {
        this.groups = description.groups();
        this.clock = clock;
        this.timers = timers;
        this.numbers = new long[groups.size()][][];
        for (int group = 0; group < numbers.length; group++) {
            numbers[group] = new long[description.poolBlocks().get(group)][];
        }
    }

    void copy(StepBatch.BlockCopy copy) {
        long[] from = numbers[copy.group()][copy.from()];
        numbers[copy.group()][copy.to()] = from == null ? null : from.clone();
    }

    /**
     * Writes a token's number in every group.
     *
     * @return what stands for everything that the token sees
     */
    long write(SequenceStep sequence, int offset) {
        int position = sequence.firstPosition() + offset;
        long seen = 0;
        for (int group = 0; group < numbers.length; group++) {
            long before = position == 0 ? 0 : read(sequence, group, position - 1);
            long number = RandomSource.mix(before ^ RandomSource.mix(sequence.tokens()[offset]));
            int size = groups.get(group).blockTokens();
            block(group, sequence.blockTables()[group][position / size])[position % size] = number;
            seen = RandomSource.mix(seen + number);
        }
        return seen;
    }

    private long read(SequenceStep sequence, int group, int position) {
        int size = groups.get(group).blockTokens();
        return block(group, sequence.blockTables()[group][position / size])[position % size];
    }

    private long[] block(int group, int block) {
        if (numbers[group][block] == null) {
            numbers[group][block] = new long[groups.get(group).blockTokens()];
        }
        return numbers[group][block];
    }

    @Override
    public void export(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease target,
            Completion<Void> done) {
        long[] values = block(group, block);
        long slice = groups.get(group).layout().sliceBytes();
        for (int layer = 0; layer < layers; layer++) {
            var bytes = target.segment().asSlice(layer * slice, slice).fill((byte) 0);
            for (int i = 0; i < values.length; i++) {
                bytes.set(NUMBER, (long) i * Long.BYTES, values[i]);
            }
        }
        report(done);
    }

    @Override
    public void restore(
            int group,
            int block,
            int firstLayer,
            int layers,
            MemoryLease source,
            Completion<Void> done) {
        long[] values = block(group, block);
        for (int i = 0; i < values.length; i++) {
            values[i] = source.segment().get(NUMBER, (long) i * Long.BYTES);
        }
        report(done);
    }

    @Override
    public boolean restoresHere() {
        return true;
    }

    private void report(Completion<Void> done) {
        timers.schedule(clock.nanos(), () -> done.completed(null));
    }

    /** Bytes that a layer slice must have for its numbers. */
    static long leastSliceBytes(LayerGroup group) {
        return (long) group.blockTokens() * Long.BYTES;
    }
}
