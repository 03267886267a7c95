package dev.cairn.engine.cpu;

import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A LoRA adapter of random weights, for a random choice of a model's matrices. */
final class RandomAdapter implements AdapterArtifact {

    /** Whether its files are not any more what they were. */
    volatile boolean changed;

    private record Site(WeightRole role, int layer) {}

    private record Drawn(TestMatrix down, TestMatrix up, float scale) {}

    private final Map<Site, Drawn> pairs = new HashMap<>();
    private final int rank;

    private RandomAdapter(int rank) {
        this.rank = rank;
    }

    /** Strong enough to change most tokens, weak enough to keep numbers tame. */
    static RandomAdapter of(RandomModel model, int rank, Random random) {
        RandomAdapter adapter = new RandomAdapter(rank);
        ModelArchitecture architecture = model.architecture();
        WeightType type =
                List.of(WeightType.FLOAT32, WeightType.FLOAT16, WeightType.BFLOAT16)
                        .get(random.nextInt(3));
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            for (WeightRole role : roles(architecture, layer)) {
                if (layer == 0 || random.nextInt(4) > 0) {
                    TestMatrix base = model.values(role, layer, 0);
                    int own = 1 + random.nextInt(rank);
                    double in = 1 / Math.sqrt(base.columns());
                    adapter.pairs.put(
                            new Site(role, layer),
                            new Drawn(
                                    TestMatrix.random(random, type, own, base.columns(), in),
                                    TestMatrix.random(random, type, base.rows(), own, 0.3),
                                    (float) (1 / Math.sqrt(own))));
                }
            }
        }
        return adapter;
    }

    /** The dense matrices of a layer. */
    static List<WeightRole> roles(ModelArchitecture architecture, int layer) {
        return switch (architecture.layers().get(layer).feedForward()) {
            case Dense _ -> LoadedAdapter.ROLES;
            case Experts _ -> LoadedAdapter.ROLES.subList(0, 4);
        };
    }

    TestMatrix addedTo(TestMatrix base, WeightRole role, int layer) {
        Drawn drawn = pairs.get(new Site(role, layer));
        return drawn == null ? base : base.plus(drawn.scale(), drawn.up(), drawn.down());
    }

    @Override
    public String digest() {
        return "ab";
    }

    @Override
    public String location() {
        return "memory";
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public long storedBytes() {
        return pairs.values().stream()
                .mapToLong(each -> each.down().storedBytes() + each.up().storedBytes())
                .sum();
    }

    @Override
    public Optional<Pair> pair(WeightRole role, int layer) {
        return Optional.ofNullable(pairs.get(new Site(role, layer)))
                .map(drawn -> new Pair(drawn.down(), drawn.up(), drawn.scale()));
    }

    @Override
    public void requireUnchanged() {
        if (changed) {
            throw new ModelException("memory: the adapter changed since it was registered");
        }
    }
}
