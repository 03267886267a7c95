package dev.cairn.plugin.device;

import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decode steps as graphs: one is recorded for each bucket of batch size and context, and given to
 * the device again with other tokens and tables in the same places. A step that fits no bucket, and
 * one that finds no room for another graph, is given kernel by kernel.
 *
 * <p>Threads: the device's owner.
 */
final class StepGraphs {

    /** A graph takes memory of the device; steps of a server meet few buckets. */
    private static final int MOST = 64;

    /**
     * Steps of one shape.
     *
     * @param rows that are computed, some of them for nobody
     * @param partitions that the longest sequence may have, counted from position 0
     * @param rank that the adapters may have; 0 where no sequence has one
     */
    record Bucket(int rows, int partitions, int rank) {}

    /**
     * @param layout where the step's numbers lay, which the graph has in its arguments
     */
    private record Recorded(DeviceGraph graph, long[] layout) {}

    private static final System.Logger LOG = System.getLogger(StepGraphs.class.getName());

    private final Device device;
    private final DeviceStream stream;
    private final StepLimits limits;
    private final int partition;
    private final AdapterSlots adapters;
    private final Map<Bucket, Recorded> recorded = new HashMap<>();

    /** Whether the device has refused to record a step. */
    private boolean refused;

    StepGraphs(
            Device device,
            DeviceStream stream,
            StepLimits limits,
            int partition,
            AdapterSlots adapters) {
        this.adapters = adapters;
        this.device = device;
        this.stream = stream;
        this.limits = limits;
        this.partition = partition;
    }

    /** The bucket of a step in which every sequence goes on by one token; null for other steps. */
    Bucket bucket(StepBatch batch) {
        List<SequenceStep> sequences = batch.sequences();
        if (refused || !device.takesGraphs() || sequences.isEmpty()) {
            return null;
        }
        int longest = 0;
        for (int i = 0; i < sequences.size(); i++) {
            SequenceStep sequence = sequences.get(i);
            if (sequence.tokens().length != 1 || sequence.logitsFrom() != 0) {
                return null;
            }
            longest = Math.max(longest, sequence.firstPosition());
        }
        int rows = Math.min(limits.sequences(), powerOfTwo(sequences.size()));
        int partitions = powerOfTwo(longest / partition + 1);
        Bucket bucket =
                new Bucket(
                        rows,
                        Math.min(partitions, Math.ceilDiv(limits.positions(), partition)),
                        adapters.rank(sequences));
        return recorded.size() < MOST || recorded.containsKey(bucket) ? bucket : null;
    }

    static int powerOfTwo(int atLeast) {
        return atLeast == 1 ? 1 : Integer.highestOneBit(atLeast - 1) << 1;
    }

    /**
     * Puts a step on the stream.
     *
     * @param layout of the step that was laid out for the bucket
     * @param work what gives it kernel by kernel
     * @throws IllegalStateException if the layout is not the one that was recorded
     */
    void run(Bucket bucket, long[] layout, Runnable work) {
        Recorded known = recorded.get(bucket);
        if (known == null) {
            known = record(bucket, layout, work);
        }
        if (known == null) {
            work.run();
            return;
        }
        if (!Arrays.equals(known.layout(), layout)) {
            throw new IllegalStateException(
                    "a step of %s lies elsewhere than the one that was recorded".formatted(bucket));
        }
        device.replay(known.graph(), stream);
    }

    /** Null where the device refuses: a step that cannot be recorded can still be given. */
    private Recorded record(Bucket bucket, long[] layout, Runnable work) {
        try {
            Recorded made = new Recorded(device.capture(stream, work), layout.clone());
            recorded.put(bucket, made);
            return made;
        } catch (DeviceLostException lost) {
            throw lost;
        } catch (DeviceException refusal) {
            refused = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a step cannot be recorded ({0}): steps without a recording are given kernel by"
                            + " kernel from now on",
                    refusal.getMessage());
            return null;
        }
    }
}
