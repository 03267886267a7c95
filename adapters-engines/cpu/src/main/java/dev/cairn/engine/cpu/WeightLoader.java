package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.ModelWeights.Attention;
import dev.cairn.engine.cpu.ModelWeights.FeedForward;
import dev.cairn.engine.cpu.ModelWeights.GatedUnit;
import dev.cairn.engine.cpu.ModelWeights.HeadNorms;
import dev.cairn.engine.cpu.ModelWeights.Layer;
import dev.cairn.engine.cpu.ModelWeights.Linear;
import dev.cairn.engine.cpu.WeightCatalogue.Entry;
import dev.cairn.engine.cpu.kernel.MatrixPacker;
import dev.cairn.engine.cpu.kernel.PackedMatrix;
import dev.cairn.engine.cpu.kernel.ParallelKernels;
import dev.cairn.engine.cpu.kernel.StoredRows;
import dev.cairn.ports.engine.LoadProgress;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Packs a model's weights, one matrix after the other, the crew sharing the rows of each, or takes
 * them as they were packed before.
 */
final class WeightLoader {

    /** Packing one element costs about as much as a few multiplications. */
    private static final long PACK_COST = 4;

    private final WeightCatalogue catalogue;
    private final WeightMemory memory;
    private final ParallelKernels parallel;
    private final OffHeap offHeap;
    private final LoadProgress progress;
    private final ModelArchitecture architecture;

    WeightLoader(
            WeightCatalogue catalogue,
            WeightMemory memory,
            ParallelKernels parallel,
            OffHeap offHeap,
            LoadProgress progress) {
        this.catalogue = catalogue;
        this.memory = memory;
        this.progress = progress;
        this.parallel = parallel;
        this.offHeap = offHeap;
        architecture = catalogue.architecture();
    }

    /**
     * Reads everything, and packs what is not.
     *
     * @throws ModelException if weights cannot be brought into the wanted type; names the tensor
     */
    ModelWeights load() {
        List<Layer> layers = new ArrayList<>();
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            layers.add(new Layer(attention(layer), feedForward(layer)));
        }
        return new ModelWeights(
                catalogue.source().matrix(WeightRole.EMBEDDING, 0),
                List.copyOf(layers),
                vector(WeightRole.OUTPUT_NORM, 0),
                pack(catalogue.output()));
    }

    private Attention attention(int layer) {
        AttentionArchitecture shape = architecture.layers().get(layer).attention();
        return new Attention(
                vector(WeightRole.ATTENTION_NORM, layer),
                linear(WeightRole.QUERY, WeightRole.QUERY_BIAS, layer, shape.bias()),
                linear(WeightRole.KEY, WeightRole.KEY_BIAS, layer, shape.bias()),
                linear(WeightRole.VALUE, WeightRole.VALUE_BIAS, layer, shape.bias()),
                linear(
                        WeightRole.ATTENTION_OUTPUT,
                        WeightRole.ATTENTION_OUTPUT_BIAS,
                        layer,
                        shape.outputBias()),
                shape.queryKeyNorm()
                        ? Optional.of(
                                new HeadNorms(
                                        vector(WeightRole.QUERY_NORM, layer),
                                        vector(WeightRole.KEY_NORM, layer)))
                        : Optional.empty(),
                postNorm(WeightRole.POST_ATTENTION_NORM, layer));
    }

    private FeedForward feedForward(int layer) {
        MemorySegment norm = vector(WeightRole.FEED_FORWARD_NORM, layer);
        Optional<MemorySegment> postNorm = postNorm(WeightRole.POST_FEED_FORWARD_NORM, layer);
        return switch (architecture.layers().get(layer).feedForward()) {
            case Dense _ ->
                    new FeedForward(
                            norm,
                            postNorm,
                            Optional.empty(),
                            List.of(
                                    new GatedUnit(
                                            pack(WeightRole.GATE, layer, 0),
                                            pack(WeightRole.UP, layer, 0),
                                            pack(WeightRole.DOWN, layer, 0))));
            case Experts experts -> {
                List<GatedUnit> units = new ArrayList<>();
                PackedMatrix router = pack(WeightRole.ROUTER, layer, 0);
                for (int expert = 0; expert < experts.experts(); expert++) {
                    units.add(
                            new GatedUnit(
                                    pack(WeightRole.EXPERT_GATE, layer, expert),
                                    pack(WeightRole.EXPERT_UP, layer, expert),
                                    pack(WeightRole.EXPERT_DOWN, layer, expert)));
                }
                yield new FeedForward(norm, postNorm, Optional.of(router), List.copyOf(units));
            }
        };
    }

    private Linear linear(WeightRole role, WeightRole bias, int layer, boolean biased) {
        return new Linear(
                pack(role, layer, 0), biased ? Optional.of(vector(bias, layer)) : Optional.empty());
    }

    private Optional<MemorySegment> postNorm(WeightRole role, int layer) {
        return architecture.postNorms() ? Optional.of(vector(role, layer)) : Optional.empty();
    }

    private MemorySegment vector(WeightRole role, int layer) {
        return offHeap.floats(catalogue.source().vector(role, layer));
    }

    private PackedMatrix pack(WeightRole role, int layer, int expert) {
        return pack(new Entry(role, layer, expert));
    }

    private PackedMatrix pack(Entry entry) {
        StoredMatrix stored = catalogue.stored(entry);
        PackedMatrix target =
                new PackedMatrix(
                        catalogue.format(entry),
                        stored.rows(),
                        stored.columns(),
                        memory.part(entry));
        if (!memory.packed()) {
            pack(entry, catalogue.rows(entry), target);
            progress.advanced(target.data().byteSize());
        }
        return target;
    }

    private void pack(Entry entry, StoredRows rows, PackedMatrix target) {
        try {
            parallel.split(
                    target.panels(),
                    PACK_COST * PackedMatrix.PANEL_ROWS * target.columns(),
                    1,
                    (from, to) -> MatrixPacker.pack(rows, target, from, to));
        } catch (IllegalArgumentException unfit) {
            throw new ModelException(
                    "%s weights of layer %d cannot be kept in %s: %s"
                            .formatted(
                                    entry.role(),
                                    entry.layer(),
                                    target.format(),
                                    unfit.getMessage()),
                    unfit);
        }
    }
}
