package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.engine.cpu.RandomModel.Family;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.model.WeightType;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How layers and cache memory are divided. */
class KvGroupTest {

    private static final StepLimits LIMITS = new StepLimits(64, 4, 64, 1000, 64);

    @ParameterizedTest
    @EnumSource
    void everyLayerIsInOneGroupAndTheCacheIsNotExceeded(Family family) {
        for (long cache = 20_000; cache < 20_000_000; cache *= 3) {
            List<KvGroup> groups = divide(family, cache);
            long used = groups.stream().mapToLong(group -> group.layout().poolBytes()).sum();
            assertThat(used).isLessThanOrEqualTo(cache);
            for (KvGroup group : groups) {
                assertThat(group.group().layers()).hasSize(group.layout().layers());
            }
            assertThat(groups.stream().flatMap(group -> group.group().layers().stream()))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aModelWhoseLayersAreAllWindowedHasOneGroup() {
        assertThat(divide(Family.MISTRAL_WINDOW, 1 << 20)).hasSize(1);
    }

    @Test
    void theGroupThatSeesEverythingGetsMoreTokens() {
        List<KvGroup> groups = divide(Family.GEMMA3_LOCAL_GLOBAL, 8 << 20);
        assertThat(groups.get(0).window()).isZero();
        assertThat(groups.get(1).window()).isEqualTo(RandomModel.WINDOW);
        assertThat(groups.get(0).layout().blocks())
                .isGreaterThan(4 * groups.get(1).layout().blocks());
    }

    @Test
    void aWindowRollsOnlyWhereItsPoolHasRoomForIt() {
        KvGroup roomy = divide(Family.MISTRAL_WINDOW, 1 << 20).getFirst();
        assertThat(roomy.longestSequence()).isEqualTo(Integer.MAX_VALUE);
        long block = roomy.layout().blockBytes();
        KvGroup narrow = divide(Family.MISTRAL_WINDOW, 2 * block).getFirst();
        assertThat(narrow.longestSequence()).isEqualTo(32);
    }

    @Test
    void nothingIsDividedWhereABlockHasNoRoom() {
        long least = KvGroup.leastBytes(model(Family.LLAMA).architecture(), KvType.BFLOAT16, 16);
        assertThat(divide(Family.LLAMA, least - 1)).isEmpty();
        assertThat(divide(Family.LLAMA, least)).hasSize(1);
        assertThat(Stream.of(Family.values()).map(family -> divide(family, 100)))
                .allMatch(List::isEmpty);
    }

    private static List<KvGroup> divide(Family family, long cache) {
        return KvGroup.divide(model(family).architecture(), KvType.BFLOAT16, 16, LIMITS, cache);
    }

    private static RandomModel model(Family family) {
        return RandomModel.of(family, WeightType.FLOAT32, new Random(5));
    }
}
