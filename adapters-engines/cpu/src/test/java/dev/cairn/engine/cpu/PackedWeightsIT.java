package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.engine.cpu.RandomModel.Family;
import dev.cairn.engine.cpu.RunnerHarness.Sequence;
import dev.cairn.engine.cpu.kernel.Crew;
import dev.cairn.engine.cpu.kernel.KernelPreference;
import dev.cairn.engine.cpu.kernel.KernelProviders;
import dev.cairn.engine.cpu.kernel.ParallelKernels;
import dev.cairn.engine.cpu.packed.PackedFolder;
import dev.cairn.engine.cpu.packed.PackedWriting;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.LoadProgress;
import dev.cairn.ports.model.WeightType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose weights were packed before answers as one whose weights are packed now. */
class PackedWeightsIT {

    private final RandomModel model =
            RandomModel.of(Family.MIXTRAL, WeightType.BFLOAT16, new Random(7));

    @TempDir private Path path;
    private PackedFolder folder;

    @BeforeEach
    void open() {
        folder = new PackedFolder(path, 1, Long.MAX_VALUE, false);
    }

    @Test
    void weightsPackedBeforeAreTakenForTheSameTypeOnly() throws Exception {
        assertThat(load(Optional.empty())).isFalse();
        assertThat(load(Optional.empty())).isTrue();
        assertThat(load(Optional.of(WeightType.Q8_0))).isFalse();
        assertThat(load(Optional.of(WeightType.Q8_0))).isTrue();
        assertThat(load(Optional.empty())).isTrue();
    }

    @Test
    void answersAreTheSame() throws Exception {
        load(Optional.of(WeightType.Q8_0));
        load(Optional.of(WeightType.Q8_0));
        List<float[]> packed = logits(Optional.of(folder));
        List<float[]> anew = logits(Optional.empty());
        assertThat(packed).usingRecursiveComparison().isEqualTo(anew);
    }

    /** Loads, and waits until the weights are kept; whether they had been before. */
    private boolean load(Optional<WeightType> type) throws InterruptedException {
        WeightCatalogue catalogue = new WeightCatalogue(model.architecture(), model, type);
        PackedImage image = PackedImage.of(catalogue, model.fingerprint());
        Heard heard = new Heard();
        try (OffHeap offHeap = new OffHeap();
                Crew crew = new Crew(2, 0)) {
            ParallelKernels parallel =
                    new ParallelKernels(
                            KernelProviders.select(KernelPreference.AUTO).kernels(), crew);
            WeightMemory memory =
                    new WeightMemory(image, Optional.of(folder), offHeap, parallel, heard);
            new WeightLoader(catalogue, memory, parallel, offHeap, heard).load();
            Optional<PackedWriting> writing = memory.keep();
            assertThat(heard.works).hasSize(memory.packed() ? 0 : 1);
            assertThat(heard.bytes).isEqualTo(memory.packed() ? 0 : catalogue.packedBytes());
            if (writing.isPresent()) {
                writing.get().await();
            }
            return memory.packed();
        }
    }

    private List<float[]> logits(Optional<PackedFolder> where) {
        CpuSettings settings = new CpuSettings(2, KernelPreference.AUTO, true, where);
        try (RunnerHarness harness =
                new RunnerHarness(
                        new CpuRunnerFactory(settings)
                                .create(
                                        model,
                                        RunnerHarness.options(
                                                Optional.of(WeightType.Q8_0), KvType.BFLOAT16)),
                        new Random(1))) {
            Sequence sequence = harness.alone(RunnerHarness.prompt(new Random(2), 40), 8);
            return sequence.logits;
        }
    }

    /** Counts what is told; packing is told by one thread. */
    private static final class Heard implements LoadProgress {

        private final List<String> works = new ArrayList<>();
        private long bytes;

        @Override
        public void begin(String work, long bytes) {
            works.add(work);
        }

        @Override
        public void advanced(long bytes) {
            this.bytes += bytes;
        }
    }
}
