package dev.cairn.distribution.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ConfigurationInput;
import dev.cairn.distribution.config.ConfigurationInput.Assignment;
import dev.cairn.distribution.config.ConfigurationReader;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.config.SettingCatalog;
import dev.cairn.engine.models.dummy.DummyShape;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.system.Settings.SettingException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CacheBudgetTest {

    /** Two layers of 2 heads of 16: 512 bytes per token in float32, 2048 positions. */
    private static final ModelArchitecture TINY =
            DummyShape.named("tiny").orElseThrow().architecture();

    private static final long BLOCK = 16 * 512;
    private static final long FULL_SEQUENCE = 129 * BLOCK;
    private static final long PLENTY = 1L << 40;

    @Test
    void whereMemoryIsPlentyEverySequenceMayBeFull() {
        CacheBudget budget = budget(PLENTY);

        assertThat(budget.maxModelLength()).isEqualTo(2048);
        assertThat(budget.cacheBytes()).isEqualTo(64 * FULL_SEQUENCE);
        assertThat(budget.why()).isEqualTo("64 sequences of full length");
    }

    @Test
    void whereItIsNotAQuarterOfItIsTaken() {
        CacheBudget budget = budget(8 * FULL_SEQUENCE);

        assertThat(budget.cacheBytes()).isEqualTo(2 * FULL_SEQUENCE);
        assertThat(budget.maxModelLength()).isEqualTo(2048);
    }

    @Test
    void aLengthThatNobodyAskedForIsLoweredToWhatFits() {
        CacheBudget budget = budget(4 * 11 * BLOCK);

        assertThat(budget.cacheBytes()).isEqualTo(11 * BLOCK);
        assertThat(budget.maxModelLength()).isEqualTo(11 * 16 - 1);
        assertThat(budget.why()).contains("lowered");
    }

    @Test
    void aLengthThatWasAskedForIsKeptOrRefused() {
        assertThat(budget(2 * FULL_SEQUENCE, "cairn.max-model-len=2048").maxModelLength())
                .isEqualTo(2048);
        assertThatThrownBy(() -> budget(FULL_SEQUENCE / 2, "cairn.max-model-len=2048"))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(
                        "cairn.max-model-len from --set: a sequence of 2048 tokens needs 1 MiB of KV cache");
        assertThatThrownBy(() -> budget(PLENTY, "cairn.max-model-len=4096"))
                .hasMessageContaining("must be from 2 to the model's 2048 positions, got 4096");
    }

    @Test
    void aSizeThatWasAskedForIsTaken() {
        CacheBudget budget = budget(PLENTY, "cairn.cache.device.size=2MiB");

        assertThat(budget.cacheBytes()).isEqualTo(2 << 20);
        assertThatThrownBy(() -> budget(PLENTY, "cairn.cache.device.size=1KiB"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("1 KiB holds no block of 16 tokens");
    }

    @Test
    void aWindowCountsForWhatItSpans() {
        ModelArchitecture gemma = DummyShape.named("gemma3-1b").orElseThrow().architecture();
        CacheBudget local = budget(gemma, PLENTY, "cairn.max-num-seqs=1");
        long tokens = gemma.maxPositions();
        long everyLayerFull = tokens * gemma.layers().size() * 2 * 256 * 4;

        assertThat(local.maxModelLength()).isEqualTo(gemma.maxPositions());
        assertThat(local.cacheBytes()).isLessThan(everyLayerFull / 4);
    }

    private static CacheBudget budget(long freeBytes, String... sets) {
        return budget(TINY, freeBytes, sets);
    }

    private static CacheBudget budget(ModelArchitecture model, long freeBytes, String... sets) {
        List<Assignment> assignments =
                Arrays.stream(sets)
                        .map(set -> set.split("=", 2))
                        .map(parts -> new Assignment(parts[0], parts[1], "--set"))
                        .toList();
        Configuration configuration =
                new ConfigurationReader(
                                new SettingCatalog().add("cairn", ProgramSettings.descriptions()))
                        .read(
                                new ConfigurationInput(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Map.of(),
                                        Map.of(),
                                        assignments));
        return CacheBudget.of(
                model,
                KvType.FLOAT32,
                configuration,
                RunnerSettings.read(configuration),
                freeBytes);
    }
}
