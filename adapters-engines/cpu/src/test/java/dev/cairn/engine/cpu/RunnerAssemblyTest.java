package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.cpu.RandomModel.Family;
import dev.cairn.engine.cpu.kernel.KernelPreference;
import dev.cairn.engine.cpu.kernel.WeightFormat;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.model.BlockEncoding;
import dev.cairn.ports.model.EncodedRows;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightSource;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sizes and types that are decided before anything runs. */
class RunnerAssemblyTest {

    private final RandomModel gemma =
            RandomModel.of(Family.GEMMA3_LOCAL_GLOBAL, WeightType.BFLOAT16, new Random(3));

    @Test
    void theCacheBoundsTheLongestSequenceAndTheReportSaysSo() {
        RunnerDescription large = describe(options(Optional.empty(), 4 << 20, 1000));
        assertThat(large.maxPositions()).isEqualTo(1000);
        assertThat(large.report()).contains("sequences up to 1000").doesNotContain("holds no more");
        RunnerDescription small = describe(options(Optional.empty(), 96 << 10, 1000));
        assertThat(small.cacheBytes()).isLessThanOrEqualTo(96 << 10);
        assertThat(small.maxPositions())
                .isEqualTo(small.poolBlocks().getFirst() * 16)
                .isLessThan(1000);
        assertThat(small.report()).contains("(of 1000: the KV cache holds no more)");
    }

    @Test
    void aCacheWithoutRoomForABlockIsRefused() {
        assertThatThrownBy(() -> describe(options(Optional.empty(), 1000, 1000)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("not even one block of 16 tokens; it needs at least");
    }

    @Test
    void blocksThatTheKernelsCannotServeAreRefused() {
        RunnerOptions odd =
                new RunnerOptions(Optional.empty(), Optional.empty(), 10, 4 << 20, 100, 64, 4);
        assertThatThrownBy(() -> describe(odd))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("multiple of 16");
    }

    @Test
    void keysAndValuesAreKeptAsPreciselyAsTheWeights() {
        assertThat(kvType(Optional.empty())).isEqualTo(KvType.BFLOAT16);
        assertThat(kvType(Optional.of(WeightType.FLOAT32))).isEqualTo(KvType.FLOAT32);
        assertThat(kvType(Optional.of(WeightType.FLOAT16))).isEqualTo(KvType.FLOAT32);
        assertThat(kvType(Optional.of(WeightType.Q8_0))).isEqualTo(KvType.BFLOAT16);
    }

    private KvType kvType(Optional<WeightType> weights) {
        return describe(options(weights, 4 << 20, 100)).groups().getFirst().layout().type();
    }

    @Test
    void matricesKeepTheirStoredTypeUnlessAnotherIsAskedFor() {
        RandomModel mixtral = RandomModel.of(Family.MIXTRAL, WeightType.BFLOAT16, new Random(4));
        WeightCatalogue stored = catalogue(mixtral, Optional.empty());
        WeightCatalogue four = catalogue(mixtral, Optional.of(WeightType.Q4_0));
        assertThat(stored.entries())
                .filteredOn(entry -> entry.role() != WeightRole.ROUTER)
                .extracting(stored::format)
                .containsOnly(WeightFormat.BF16);
        assertThat(four.format(four.output())).isEqualTo(WeightFormat.Q8_0);
        assertThat(four.entries())
                .filteredOn(entry -> entry.role() == WeightRole.EXPERT_DOWN)
                .hasSize(5 * mixtral.architecture().layers().size())
                .extracting(four::format)
                .containsOnly(WeightFormat.Q4_0);
        assertThat(four.entries())
                .filteredOn(entry -> entry.role() == WeightRole.ROUTER)
                .extracting(four::format)
                .containsOnly(WeightFormat.F32);
    }

    @Test
    void blocksOfTheFileAreKeptUnlessATypeIsAskedFor() {
        WeightSource five = new FiveBits(gemma);
        WeightCatalogue stored = new WeightCatalogue(gemma.architecture(), five, Optional.empty());
        assertThat(stored.format(stored.output())).isEqualTo(WeightFormat.Q5_0);
        assertThat(stored.rows(stored.output()).format()).isEqualTo(WeightFormat.Q5_0);
        assertThat(stored.rows(stored.output()).row(3).byteSize()).isEqualTo(22);
        assertThat(stored.label()).isEqualTo("q5_0");
        WeightCatalogue wide =
                new WeightCatalogue(gemma.architecture(), five, Optional.of(WeightType.FLOAT32));
        assertThat(wide.format(wide.output())).isEqualTo(WeightFormat.F32);
        assertThat(wide.rows(wide.output()).format()).isEqualTo(WeightFormat.BF16);
        assertThat(wide.label()).isEqualTo("float32");
    }

    /** A model whose matrices are in blocks that no type names. */
    private record FiveBits(WeightSource model) implements WeightSource {

        @Override
        public StoredMatrix matrix(WeightRole role, int layer, int expert) {
            StoredMatrix matrix = model.matrix(role, layer, expert);
            return new StoredMatrix() {
                @Override
                public WeightType type() {
                    return matrix.type();
                }

                @Override
                public int rows() {
                    return matrix.rows();
                }

                @Override
                public int columns() {
                    return matrix.columns();
                }

                @Override
                public MemorySegment row(int row) {
                    return matrix.row(row);
                }

                @Override
                public Optional<EncodedRows> encoded() {
                    return Optional.of(
                            new EncodedRows() {
                                @Override
                                public BlockEncoding encoding() {
                                    return BlockEncoding.Q5_0;
                                }

                                @Override
                                public MemorySegment row(int row) {
                                    return MemorySegment.ofArray(new byte[22]);
                                }
                            });
                }
            };
        }

        @Override
        public float[] vector(WeightRole role, int layer) {
            return model.vector(role, layer);
        }

        @Override
        public long storedBytes() {
            return model.storedBytes();
        }

        @Override
        public WeightType dominantType() {
            return model.dominantType();
        }
    }

    @Test
    void aModelThatDoesNotFitIsToldWhatWould() {
        WeightCatalogue catalogue = catalogue(gemma, Optional.of(WeightType.FLOAT32));
        long spare = 256L << 20;
        MemoryPlan plan = new MemoryPlan(catalogue.packedBytes(), 1 << 20, 1 << 20);
        plan.check("tiny", catalogue, spare + plan.total());
        assertThatThrownBy(() -> plan.check("tiny", catalogue, spare + plan.total() - (20 << 10)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("tiny needs")
                .hasMessageContaining("0.0 MiB are missing")
                .hasMessageContaining("a KV cache of at most 1.0 MiB")
                .hasMessageContaining("--dtype bfloat16")
                .hasMessageContaining("--dtype q4_0");
        assertThatThrownBy(() -> plan.check("tiny", catalogue, 0))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("No weight type of this engine would fit");
    }

    private static WeightCatalogue catalogue(RandomModel model, Optional<WeightType> wanted) {
        return new WeightCatalogue(model.architecture(), model, wanted);
    }

    private RunnerDescription describe(RunnerOptions options) {
        CpuRunnerFactory factory =
                new CpuRunnerFactory(new CpuSettings(1, KernelPreference.PLAIN, true));
        try (ModelRunner runner = factory.create(gemma, options)) {
            return runner.description();
        }
    }

    private static RunnerOptions options(Optional<WeightType> weights, long cache, int length) {
        return new RunnerOptions(weights, Optional.empty(), 16, cache, length, 64, 4);
    }
}
