package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.request.SamplingParameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With LoRA adapters from PEFT's files the CUDA engine on its stand-in answers as the CPU engine
 * does: requests with adapters of several ranks, and one without, in the same steps.
 */
class CudaAdapterIT {

    private static final int BLOCK = 16;
    private static final int[] RANKS = {1, 4, 13};
    private static final int ANSWER = 12;

    /** Largest difference of a log-probability by the order of summation. */
    private static final float NEAR = 1e-3f;

    @TempDir private Path folder;

    @Test
    void mixedRanksInOneBatchAnswerAsOnTheCpu() throws Exception {
        Oracle oracle = Oracle.read("llama3-rope-llama3");
        LocalCairn.Engine cuda = new LocalCairn.Engine("cuda", CudaStandIn.settings());
        List<List<TokenChoice>> expected;
        try (LocalCairn host = LocalCairn.open(oracle.model(), LocalCairn.exact(128, 128))) {
            for (int rank : RANKS) {
                PeftFolder.write(
                        folder.resolve("rank-" + rank), host.artifact().architecture(), rank);
            }
            expected = answers(host);
        }
        try (LocalCairn device =
                LocalCairn.open(oracle.model(), LocalCairn.exact(128, 128), cuda)) {
            List<List<TokenChoice>> found = answers(device);
            for (int request = 0; request < found.size(); request++) {
                for (int i = 0; i < ANSWER; i++) {
                    TokenChoice choice = found.get(request).get(i);
                    TokenChoice other = expected.get(request).get(i);
                    String place = "request %d, token %d".formatted(request, i);
                    assertThat(choice.token()).as(place).isEqualTo(other.token());
                    assertThat(Math.abs(choice.logprob() - other.logprob()))
                            .as(place)
                            .isLessThan(NEAR);
                }
            }
        }
        assertThat(expected.get(0)).as("adapters count").isNotEqualTo(expected.get(1));
    }

    /** The first request has no adapter, each other one its own; all have one prompt. */
    private List<List<TokenChoice>> answers(LocalCairn cairn) {
        ModelRunner runner = cairn.runner();
        for (int slot = 0; slot < RANKS.length; slot++) {
            int into = slot;
            AdapterArtifact adapter =
                    cairn.artifact().openAdapter(folder.resolve("rank-" + RANKS[slot]).toString());
            CudaBlocksIT.<Void>await(
                    done -> runner.adapters().orElseThrow().load(into, adapter, done));
        }
        List<List<TokenChoice>> answers = new ArrayList<>();
        int[][] waiting = new int[RANKS.length + 1][];
        for (int request = 0; request < waiting.length; request++) {
            answers.add(new ArrayList<>());
            waiting[request] = new int[2 * BLOCK];
            Arrays.setAll(waiting[request], i -> 20 + i * 37 % 180);
        }
        for (int round = 0; round < ANSWER; round++) {
            List<TokenChoice> choices = step(runner, waiting, round);
            for (int request = 0; request < waiting.length; request++) {
                answers.get(request).add(choices.get(request));
                waiting[request] = new int[] {choices.get(request).token()};
            }
        }
        return answers;
    }

    private static List<TokenChoice> step(ModelRunner runner, int[][] waiting, int round) {
        List<SequenceStep> sequences = new ArrayList<>();
        List<SamplingRow> rows = new ArrayList<>();
        int first = round == 0 ? 0 : 2 * BLOCK + round - 1;
        for (int request = 0; request < waiting.length; request++) {
            int[] table = {3 * request + 1, 3 * request, 3 * request + 2};
            int length = waiting[request].length;
            sequences.add(
                    new SequenceStep(
                            waiting[request], first, new int[][] {table}, length - 1, request - 1));
            rows.add(
                    new SamplingRow.Sample(
                            SamplingParameters.GREEDY, 0, first + length, null, null, 0, false));
        }
        StepHandle step = runner.launch(new StepBatch(List.of(), sequences));
        StepResult result =
                CudaBlocksIT.await(done -> runner.complete(step, new SamplingBatch(rows), done));
        return result.rows();
    }
}
