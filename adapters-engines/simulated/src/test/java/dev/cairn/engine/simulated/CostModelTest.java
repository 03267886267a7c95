package dev.cairn.engine.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.engine.simulated.CostModel.Point;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.system.JsonWriter;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CostModelTest {

    private static final CostModel TRUTH =
            new CostModel(
                    "truth",
                    List.of(new Point(1, 1e6), new Point(32, 1.2e6), new Point(512, 6e6)),
                    700,
                    0.5,
                    3);

    @Test
    void theCurveIsLinearBetweenItsPointsAndBeyondTheLast() {
        assertThat(TRUTH.nanos(tokens(1))).isEqualTo(1e6);
        assertThat(TRUTH.nanos(tokens(272))).isEqualTo(3.6e6);
        assertThat(TRUTH.nanos(tokens(992))).isEqualTo(10.8e6);
    }

    @Test
    void aFitFindsTheCostsAgainUnderNoiseAndInterruptions() {
        long seed = 5;
        Random random = new Random(seed);
        CostFit fit = new CostFit();
        for (int i = 0; i < 5000; i++) {
            StepWork work = anyWork(random);
            double noise = 1 + 0.1 * random.nextGaussian();
            double pause = random.nextInt(50) == 0 ? 20 : 1;
            fit.add(work, TRUTH.nanos(work) * noise * pause);
        }
        CostModel found = fit.fit("found");
        for (int i = 0; i < 200; i++) {
            StepWork work = anyWork(random);
            assertThat(found.nanos(work) / TRUTH.nanos(work))
                    .as("seed %d, %s", seed, work)
                    .isCloseTo(1, within(0.05));
        }
    }

    @Test
    void noiseOfShortStepsDoesNotMakeThemLookCheaper() {
        long seed = 7;
        Random random = new Random(seed);
        CostFit fit = new CostFit();
        for (int i = 0; i < 5000; i++) {
            boolean isShort = random.nextInt(4) > 0;
            double noise = isShort ? 0.5 + random.nextDouble() : 0.95 + 0.1 * random.nextDouble();
            StepWork work = tokens(isShort ? 1 : 512);
            fit.add(work, TRUTH.nanos(work) * noise);
        }
        CostModel found = fit.fit("noisy");
        assertThat(found.nanos(tokens(1)) / TRUTH.nanos(tokens(1)))
                .as("seed %d", seed)
                .isCloseTo(1, within(0.02));
        assertThat(found.nanos(tokens(512)) / TRUTH.nanos(tokens(512))).isCloseTo(1, within(0.02));
    }

    @Test
    void stepsTakeAsLongOnAverageAsThoseThatWereTimed() {
        Random random = new Random(6);
        CostFit fit = new CostFit();
        double timed = 0;
        for (int i = 0; i < 5000; i++) {
            double nanos = TRUTH.nanos(tokens(9)) * (random.nextInt(20) == 0 ? 30 : 1);
            timed += nanos;
            fit.add(tokens(9), nanos);
        }
        CostModel found = fit.fit("interrupted");
        double simulated = 0;
        for (int i = 0; i < 5000; i++) {
            simulated += found.nanos(tokens(9), random.nextLong());
        }
        assertThat(found.nanos(tokens(9))).isCloseTo(TRUTH.nanos(tokens(9)), within(1e3));
        assertThat(simulated / timed).isCloseTo(1, within(0.1));
    }

    @Test
    void stepsOfOneKindAreEnoughForAFit() {
        CostFit fit = new CostFit();
        fit.add(tokens(7), 5000);
        assertThat(fit.fit("one").nanos(tokens(7))).isCloseTo(5000, within(1.0));
    }

    @Test
    void noTermIsEverNegative() {
        CostFit fit = new CostFit();
        for (int rows = 1; rows < 20; rows++) {
            // The more rows, the less time: no cost model says so.
            fit.add(new StepWork(20, rows, 0, 0), 100_000 - 1000 * rows);
        }
        assertThat(fit.fit("odd").rowNanos()).isZero();
    }

    @Test
    void aFileIsReadAsItWasWritten() {
        CostModel differing =
                TRUTH.with(
                        List.of(
                                new Spread(1e6, List.of(0.9, 1.0, 7.0)),
                                new Spread(2e6, List.of(1.0))));
        assertThat(CostModel.read(JsonWriter.write(TRUTH.json()))).isEqualTo(TRUTH);
        assertThat(CostModel.read(JsonWriter.write(differing.json()))).isEqualTo(differing);
    }

    @Test
    void brokenFilesAreRefusedWithAReason() {
        String good = JsonWriter.write(TRUTH.json());
        assertThatThrownBy(() -> CostModel.read(good.substring(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CostModel.read("{}")).hasMessageContaining("cost_model");
        assertThatThrownBy(() -> CostModel.read(good.replace("points", "dots")))
                .hasMessageContaining("points");
        assertThatThrownBy(() -> CostModel.read(good.replace("512", "2")))
                .hasMessageContaining("ascending");
        assertThatThrownBy(() -> CostModel.read(good.replace(":700", ":-700")))
                .hasMessageContaining("-700");
    }

    @Test
    void publishedFiguresGiveACostModel() {
        CostModel h200 = Roofline.named("llama-3.1-8b@h200").orElseThrow();
        // 16 GB at 3.84 TB/s, and half a millisecond.
        assertThat(h200.nanos(tokens(1))).isCloseTo(4.68e6, within(0.05e6));
        assertThat(h200.nanos(tokens(8192))).isGreaterThan(200e6);
        assertThat(Roofline.named("llama-3.1-8b@abacus")).isEmpty();
        assertThat(Roofline.named("llama-3.1-8b")).isEmpty();
    }

    @Test
    void theWorkOfAStepCountsWhatEveryTokenAttendsTo() {
        int[][] tables = new int[2][100];
        var chunk = new SequenceStep(new int[4], 10, tables, 3, -1);
        var decode = new SequenceStep(new int[1], 99, tables, 0, -1);
        StepWork work =
                StepWork.of(
                        new StepBatch(List.of(), List.of(chunk, decode)),
                        List.of(
                                group(0, new StateKind.FullAttention()),
                                group(1, new StateKind.SlidingWindow(12))));
        assertThat(work.tokens()).isEqualTo(5);
        assertThat(work.rows()).isEqualTo(2);
        assertThat(work.prefillPairs())
                .isEqualTo(((11 + 12 + 13 + 14) + (11 + 12 + 12 + 12)) / 2.0);
        assertThat(work.decodePairs()).isEqualTo((100 + 12) / 2.0);
    }

    private static LayerGroup group(int index, StateKind kind) {
        return new LayerGroup(
                index, kind, List.of(index), new KvLayout(1, 16, 1, 4, KvType.FLOAT32));
    }

    private static StepWork tokens(int tokens) {
        return new StepWork(tokens, 0, 0, 0);
    }

    private static StepWork anyWork(Random random) {
        int decodes = random.nextInt(33);
        int chunk = random.nextBoolean() ? 0 : 1 + random.nextInt(480);
        int tokens = Math.max(1, decodes + chunk);
        return new StepWork(
                tokens,
                decodes,
                chunk * 500.0 * random.nextDouble(),
                decodes * 1000.0 * random.nextDouble());
    }
}
