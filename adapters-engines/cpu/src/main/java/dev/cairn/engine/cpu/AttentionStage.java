package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.AdapterStage.Target;
import dev.cairn.engine.cpu.RaggedStep.Segment;
import dev.cairn.engine.cpu.RaggedStep.Tile;
import dev.cairn.engine.cpu.kernel.AttentionShape;
import dev.cairn.engine.cpu.kernel.Crew;
import dev.cairn.engine.cpu.kernel.Kernels;
import dev.cairn.engine.cpu.kernel.KvLayout;
import dev.cairn.engine.cpu.kernel.ParallelKernels;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.WeightRole;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One layer's attention: normed rows in, what is added to the residual out. Keys and values are
 * stored before any query of the tile reads them, so a query sees its own chunk as it will be seen
 * later, rounded to the type of the pool.
 *
 * <p>Threads: the runner's, which drives the crew.
 */
final class AttentionStage {

    /** Queries that share one pass over keys and values. */
    private static final int RUN = 32;

    /** Multiply-adds below which the crew costs more than it saves. */
    private static final long WORTH_A_CREW = 1 << 16;

    private final AttentionArchitecture architecture;
    private final ModelWeights.Attention weights;
    private final Activations buffers;
    private final ParallelKernels parallel;
    private final float epsilon;
    private final KvPool pool;
    private final int layerOfGroup;
    private final RotaryTable rotary;
    private final AttentionShape shape;
    private final Projection inputs;
    private final Projection output;
    private final AdapterStage adaptedInputs;
    private final AdapterStage adaptedOutput;
    private final int queryWidth;
    private final int keyWidth;
    private final AttentionWork work;
    private final RowSlices queryRows;
    private final RowSlices attendedRows;
    private final ParallelKernels.Range shaping = this::shapeHeads;
    private final Crew.Parts attending = this::attendPart;
    private Tile tile;

    AttentionStage(
            AttentionArchitecture architecture,
            ModelWeights.Attention weights,
            Activations buffers,
            ParallelKernels parallel,
            float epsilon,
            KvPool pool,
            int layerOfGroup,
            RotaryTable rotary,
            AttentionWork work,
            AdapterWork adapters,
            int layer) {
        this.architecture = architecture;
        this.weights = weights;
        this.buffers = buffers;
        this.parallel = parallel;
        this.epsilon = epsilon;
        this.pool = pool;
        this.layerOfGroup = layerOfGroup;
        this.rotary = rotary;
        this.work = work;
        shape =
                new AttentionShape(
                        architecture.heads(),
                        architecture.scale(),
                        architecture.window().orElse(0),
                        (float) architecture.scoreSoftcap().orElse(0));
        queryWidth = architecture.heads() * architecture.headSize();
        keyWidth = architecture.keyValueHeads() * architecture.headSize();
        queryRows = work.rows(buffers.query(), queryWidth);
        attendedRows = work.rows(buffers.attended(), queryWidth);
        inputs =
                new Projection(
                        buffers.normed(),
                        List.of(
                                Projection.dense(weights.query().weights(), buffers.query()),
                                Projection.dense(weights.key().weights(), buffers.key()),
                                Projection.dense(weights.value().weights(), buffers.value())));
        output = Projection.of(buffers.attended(), weights.output().weights(), buffers.branch());
        int hidden = weights.output().weights().rows();
        adaptedInputs =
                new AdapterStage(
                        adapters,
                        layer,
                        buffers.normed(),
                        hidden,
                        List.of(
                                new Target(WeightRole.QUERY, buffers.query(), queryWidth),
                                new Target(WeightRole.KEY, buffers.key(), keyWidth),
                                new Target(WeightRole.VALUE, buffers.value(), keyWidth)));
        adaptedOutput =
                new AdapterStage(
                        adapters,
                        layer,
                        buffers.attended(),
                        queryWidth,
                        List.of(new Target(WeightRole.ATTENTION_OUTPUT, buffers.branch(), hidden)));
    }

    /** Computes {@code branch} from {@code normed} for a tile. */
    void run(Tile next) {
        tile = next;
        int rows = tile.rows();
        inputs.run(parallel, buffers.prepared(), rows);
        adaptedInputs.run();
        parallel.split(rows, 8L * (queryWidth + 2L * keyWidth), 1, shaping);
        attend();
        output.run(parallel, buffers.prepared(), rows);
        adaptedOutput.run();
        addBias(
                weights.output().bias(),
                buffers.branch(),
                weights.output().weights().rows(),
                0,
                rows);
    }

    /**
     * Biases, head norms and rotation of a range of rows, whose keys and values then are stored.
     */
    private void shapeHeads(int from, int to) {
        MemorySegment positions = tile.rotaryLines();
        Kernels kernels = parallel.kernels();
        addBias(weights.query().bias(), buffers.query(), queryWidth, from, to);
        addBias(weights.key().bias(), buffers.key(), keyWidth, from, to);
        addBias(weights.value().bias(), buffers.value(), keyWidth, from, to);
        int heads = architecture.heads();
        int keyHeads = architecture.keyValueHeads();
        int size = architecture.headSize();
        if (weights.headNorms().isPresent()) {
            normHeads(weights.headNorms().get().query(), buffers.query(), heads, from, to);
            normHeads(weights.headNorms().get().key(), buffers.key(), keyHeads, from, to);
        }
        if (rotary.rotary() > 0) {
            kernels.rotate(
                    buffers.query(),
                    queryWidth,
                    heads,
                    size,
                    rotary.values(),
                    rotary.rotary(),
                    positions,
                    from,
                    to);
            kernels.rotate(
                    buffers.key(),
                    keyWidth,
                    keyHeads,
                    size,
                    rotary.values(),
                    rotary.rotary(),
                    positions,
                    from,
                    to);
        }
        kernels.storeKv(
                layout(),
                pool.memory(),
                layerOfGroup,
                tile.slots(pool.group().group().index()),
                buffers.key(),
                buffers.value(),
                keyWidth,
                from,
                to);
    }

    private void normHeads(MemorySegment norm, MemorySegment rows, int heads, int from, int to) {
        parallel.kernels()
                .rmsNorm(
                        rows,
                        norm,
                        epsilon,
                        rows,
                        architecture.headSize(),
                        from * heads,
                        to * heads);
    }

    private void addBias(
            Optional<MemorySegment> bias, MemorySegment rows, int width, int from, int to) {
        if (bias.isPresent()) {
            parallel.kernels().addBias(rows, width, bias.get(), width, from, to);
        }
    }

    private void attend() {
        work.clear();
        long cost = 0;
        for (int i = 0; i < tile.segments(); i++) {
            Segment segment = tile.segment(i);
            int last = segment.firstPosition() + segment.rows() - 1;
            long visible = last - pool.group().firstVisible(last) + 1L;
            cost += visible * segment.rows() * queryWidth * 2;
            // the latest queries see most: they are started first
            for (int to = segment.rows(); to > 0; to -= RUN) {
                for (int head = 0; head < architecture.keyValueHeads(); head++) {
                    work.add(segment, head, Math.max(0, to - RUN), to);
                }
            }
        }
        if (cost < WORTH_A_CREW) {
            for (int part = 0; part < work.parts(); part++) {
                attendPart(part);
            }
        } else {
            parallel.crew().run(work.parts(), attending);
        }
    }

    private void attendPart(int part) {
        Segment segment = work.segment(part);
        parallel.kernels()
                .attend(
                        layout(),
                        pool.memory(),
                        layerOfGroup,
                        shape,
                        segment.table(pool.group().group().index()),
                        segment.firstPosition(),
                        queryRows.from(segment.row()),
                        attendedRows.from(segment.row()),
                        queryWidth,
                        work.head(part),
                        work.from(part),
                        work.to(part));
    }

    private KvLayout layout() {
        return pool.group().layout();
    }

    /** The parts of one tile's attention, in arrays that are kept from tile to tile. */
    static final class AttentionWork {

        private Segment[] segments = new Segment[256];
        private int[] heads = new int[256];
        private int[] froms = new int[256];
        private int[] tos = new int[256];
        private final List<RowSlices> rows = new ArrayList<>();
        private int parts;

        /** Rows of a buffer, shared by the layers that cut it alike. */
        RowSlices rows(MemorySegment buffer, int width) {
            int count = (int) (buffer.byteSize() / (4L * width));
            for (RowSlices known : rows) {
                if (known.base().equals(buffer) && known.rows() == count) {
                    return known;
                }
            }
            RowSlices fresh = new RowSlices(buffer, count, 4L * width);
            rows.add(fresh);
            return fresh;
        }

        void clear() {
            parts = 0;
        }

        void add(Segment segment, int head, int from, int to) {
            if (parts == heads.length) {
                segments = Arrays.copyOf(segments, 2 * parts);
                heads = Arrays.copyOf(heads, 2 * parts);
                froms = Arrays.copyOf(froms, 2 * parts);
                tos = Arrays.copyOf(tos, 2 * parts);
            }
            segments[parts] = segment;
            heads[parts] = head;
            froms[parts] = from;
            tos[parts] = to;
            parts++;
        }

        int parts() {
            return parts;
        }

        Segment segment(int part) {
            return segments[part];
        }

        int head(int part) {
            return heads[part];
        }

        int from(int part) {
            return froms[part];
        }

        int to(int part) {
            return tos[part];
        }
    }
}
