package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.cpu.RandomModel.Family;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.SleepPort;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.Completion;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A runner gives its memory back, and computes the same when it has it again. */
class SleepTest {

    private final Random random = new Random(1);
    private final RandomModel model =
            RandomModel.of(Family.GEMMA3_LOCAL_GLOBAL, WeightType.BFLOAT16, random);
    private final RunnerHarness harness = RunnerHarness.of(model, KvType.FLOAT32, 2, random);
    private final ModelRunner runner = harness.runner;
    private final SleepPort port = runner.sleep().orElseThrow();

    @AfterEach
    void closeRunner() {
        harness.close();
    }

    @Test
    void logitsAfterWakingAreTheSame() {
        float[] before = logits();
        await(port::sleep);
        await(port::wake);
        assertThat(logits()).isEqualTo(before);
    }

    @Test
    void stepsAndTransfersFailWhileItSleeps() {
        await(port::sleep);
        await(port::sleep);
        assertThatThrownBy(this::logits).hasMessageContaining("the runner sleeps");
        await(port::wake);
        await(port::wake);
        assertThat(logits()).isNotEmpty();
    }

    @Test
    void weightsThatAreGoneAreToldAndMayComeBack() {
        float[] before = logits();
        await(port::sleep);
        model.lost = true;
        assertThatThrownBy(() -> await(port::wake))
                .hasCauseInstanceOf(ModelException.class)
                .hasMessageContaining("gone");
        assertThatThrownBy(this::logits).hasMessageContaining("the runner sleeps");
        model.lost = false;
        await(port::wake);
        assertThat(logits()).isEqualTo(before);
    }

    @Test
    void itCanBeClosedAsleepAndSaysSo() {
        await(port::sleep);
        runner.close();
        assertThatThrownBy(() -> await(port::wake)).hasMessageContaining("closed");
    }

    private float[] logits() {
        int[][] tables = new int[runner.description().groups().size()][1];
        var step = new SequenceStep(new int[] {3, 1, 4}, 0, tables, 2, -1);
        var row = new SamplingRow.Sample(SamplingParameters.GREEDY, 0, 3, null, null, 0, true);
        var done = new CompletableFuture<StepResult>();
        runner.complete(
                runner.launch(new StepBatch(List.of(), List.of(step))),
                new SamplingBatch(List.of(row)),
                into(done));
        return done.join().rows().getFirst().logits();
    }

    private static void await(Consumer<Completion<Void>> work) throws CompletionException {
        var done = new CompletableFuture<Void>();
        work.accept(into(done));
        done.join();
    }

    private static <T> Completion<T> into(CompletableFuture<T> future) {
        return new Completion<>() {
            @Override
            public void completed(T result) {
                future.complete(result);
            }

            @Override
            public void failed(Throwable failure) {
                future.completeExceptionally(failure);
            }
        };
    }
}
