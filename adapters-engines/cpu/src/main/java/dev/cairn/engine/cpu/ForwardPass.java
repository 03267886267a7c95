package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.RaggedStep.Tile;
import dev.cairn.engine.cpu.kernel.ParallelKernels;
import dev.cairn.engine.cpu.kernel.StoredRowReader;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.RotaryEncoding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The transformer: token ids in, logits of the wanted rows out.
 *
 * <p>Layer by layer, and within a layer tile by tile: a tile's queries only look at positions that
 * it or an earlier tile has stored. Nothing that a row is made of depends on the tile or the batch
 * in which it is computed.
 *
 * <p>Threads: the runner's, which drives the crew.
 */
final class ForwardPass {

    private record LayerStages(
            MemorySegment attentionNorm,
            AttentionStage attention,
            Optional<MemorySegment> postAttentionNorm,
            MemorySegment feedForwardNorm,
            FeedForwardStage feedForward,
            Optional<MemorySegment> postFeedForwardNorm) {}

    private final ModelArchitecture architecture;
    private final ModelWeights weights;
    private final StepLimits limits;
    private final ParallelKernels parallel;
    private final Activations buffers;
    private final List<LayerStages> layers = new ArrayList<>();
    private final StoredRowReader embeddingReader;
    private final RowSlices residuals;
    private final RowSlices branches;
    private final Projection output;
    private final AdapterWork adapters;
    private final ParallelKernels.Range adding = this::addBranch;
    private int branchRow;

    ForwardPass(
            ModelArchitecture architecture,
            ModelWeights weights,
            List<KvPool> pools,
            StepLimits limits,
            OffHeap offHeap,
            ParallelKernels parallel,
            AdapterWork adapters) {
        this.adapters = adapters;
        this.architecture = architecture;
        this.weights = weights;
        this.limits = limits;
        this.parallel = parallel;
        buffers = Activations.allocate(architecture, limits, offHeap);
        embeddingReader =
                new StoredRowReader(
                        WeightCatalogue.rows(weights.embedding()), architecture.hiddenSize());
        residuals =
                new RowSlices(buffers.residual(), limits.tokens(), 4L * architecture.hiddenSize());
        branches =
                new RowSlices(buffers.branch(), limits.tileRows(), 4L * architecture.hiddenSize());
        output = Projection.of(buffers.normed(), weights.output(), buffers.logits());
        Map<RotaryEncoding, RotaryTable> tables = new HashMap<>();
        AttentionStage.AttentionWork work = new AttentionStage.AttentionWork();
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            LayerArchitecture shape = architecture.layers().get(layer);
            RotaryTable rotary =
                    tables.computeIfAbsent(
                            shape.attention().rotary(),
                            encoding ->
                                    RotaryTable.make(
                                            encoding, limits.positions(), offHeap, parallel));
            layers.add(stages(layer, shape, pools, rotary, work));
        }
    }

    private LayerStages stages(
            int layer,
            LayerArchitecture shape,
            List<KvPool> pools,
            RotaryTable rotary,
            AttentionStage.AttentionWork work) {
        ModelWeights.Layer own = weights.layers().get(layer);
        KvPool pool =
                pools.stream()
                        .filter(candidate -> candidate.group().group().layers().contains(layer))
                        .findFirst()
                        .orElseThrow();
        AttentionArchitecture attention = shape.attention();
        return new LayerStages(
                own.attention().norm(),
                new AttentionStage(
                        attention,
                        own.attention(),
                        buffers,
                        parallel,
                        architecture.normEpsilon(),
                        pool,
                        pool.group().group().layers().indexOf(layer),
                        rotary,
                        work,
                        adapters,
                        layer),
                own.attention().postNorm(),
                own.feedForward().norm(),
                FeedForwardStage.of(
                        shape.feedForward(),
                        own.feedForward(),
                        buffers,
                        parallel,
                        limits.tileRows(),
                        adapters,
                        layer),
                own.feedForward().postNorm());
    }

    /** Bytes of work memory and rotary tables. */
    static long bytes(ModelArchitecture architecture, StepLimits limits) {
        return Activations.bytes(architecture, limits)
                + architecture.layers().stream()
                        .map(layer -> layer.attention().rotary())
                        .distinct()
                        .mapToLong(encoding -> RotaryTable.bytes(encoding, limits.positions()))
                        .sum();
    }

    /**
     * Computes a step.
     *
     * @param gates that it comes to, layer by layer
     * @return {@code [wanted rows, vocabulary]} float32 and room behind, valid until the next step
     */
    MemorySegment run(RaggedStep step, StepGates gates) {
        embed(step);
        for (int depth = 0; depth < layers.size(); depth++) {
            LayerStages layer = layers.get(depth);
            gates.await(depth);
            for (int i = 0; i < step.tiles(); i++) {
                Tile tile = step.tileAt(i);
                if (depth == 0 || step.tiles() > 1) {
                    adapters.begin(tile);
                }
                MemorySegment residual = residuals.from(tile.row());
                norm(residual, layer.attentionNorm(), buffers.normed(), tile.rows());
                layer.attention().run(tile);
                addBranch(tile, layer.postAttentionNorm());
                norm(residual, layer.feedForwardNorm(), buffers.normed(), tile.rows());
                layer.feedForward().run(tile.rows());
                addBranch(tile, layer.postFeedForwardNorm());
            }
        }
        return logits(step);
    }

    private void embed(RaggedStep step) {
        int hidden = architecture.hiddenSize();
        float scale = architecture.embeddingScale();
        for (int row = 0; row < step.rows(); row++) {
            float[] values = embeddingReader.read(weights.embedding().row(step.token(row)));
            for (int i = 0; i < hidden && scale != 1; i++) {
                values[i] *= scale;
            }
            MemorySegment.copy(
                    values,
                    0,
                    buffers.residual(),
                    ValueLayout.JAVA_FLOAT,
                    4L * row * hidden,
                    hidden);
        }
    }

    private void norm(MemorySegment input, MemorySegment weight, MemorySegment output, int rows) {
        parallel.rmsNorm(
                input, weight, architecture.normEpsilon(), output, architecture.hiddenSize(), rows);
    }

    private void addBranch(Tile tile, Optional<MemorySegment> postNorm) {
        if (postNorm.isPresent()) {
            norm(buffers.branch(), postNorm.get(), buffers.branch(), tile.rows());
        }
        branchRow = tile.row();
        parallel.split(tile.rows(), architecture.hiddenSize(), 1, adding);
    }

    private void addBranch(int from, int to) {
        parallel.kernels()
                .addScaled(
                        residuals.from(branchRow + from),
                        branches.from(from),
                        1,
                        (long) (to - from) * architecture.hiddenSize());
    }

    /** Final norm and output matrix, for the wanted rows alone. */
    private MemorySegment logits(RaggedStep step) {
        long rowBytes = 4L * architecture.hiddenSize();
        long logitBytes = 4L * architecture.vocabularySize();
        for (int first = 0; first < step.wanted(); first += limits.tileRows()) {
            int rows = Math.min(limits.tileRows(), step.wanted() - first);
            for (int i = 0; i < rows; i++) {
                MemorySegment.copy(
                        buffers.residual(),
                        step.wantedRow(first + i) * rowBytes,
                        buffers.branch(),
                        i * rowBytes,
                        rowBytes);
            }
            norm(buffers.branch(), weights.outputNorm(), buffers.normed(), rows);
            Projection target =
                    first == 0
                            ? output
                            : Projection.of(
                                    buffers.normed(),
                                    weights.output(),
                                    buffers.logits().asSlice(first * logitBytes));
            target.run(parallel, buffers.prepared(), rows);
        }
        softcap(step.wanted());
        return buffers.logits();
    }

    private void softcap(int rows) {
        if (architecture.finalLogitSoftcap().isEmpty()) {
            return;
        }
        float cap = (float) architecture.finalLogitSoftcap().getAsDouble();
        int width = architecture.vocabularySize();
        parallel.split(
                rows,
                8L * width,
                1,
                (from, to) ->
                        parallel.kernels()
                                .softcap(
                                        buffers.logits().asSlice(4L * from * width),
                                        cap,
                                        (long) (to - from) * width));
    }
}
