package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * A block of keys and values has one layout whoever made it: what the CUDA engine computed on its
 * stand-in goes on with the same tokens on the CPU engine, and the other way round.
 */
class CudaBlocksIT {

    private static final int BLOCK = 16;
    private static final int PROMPT = 3 * BLOCK;
    private static final int ANSWER = 8;

    @Test
    void eitherEngineGoesOnWithTheBlocksOfTheOther() throws Exception {
        Oracle oracle = Oracle.read("qwen3-qknorm");
        LocalCairn.Engine cuda = new LocalCairn.Engine("cuda", CudaStandIn.settings());
        try (LocalCairn onDevice =
                        LocalCairn.open(oracle.model(), LocalCairn.exact(128, 64), cuda);
                LocalCairn onHost = LocalCairn.open(oracle.model(), LocalCairn.exact(128, 64))) {
            ModelRunner device = onDevice.runner();
            ModelRunner host = onHost.runner();
            int[] expected = answer(host, read(host, prompt()), new int[] {5, 2, 7, 3});
            assertThat(answer(device, read(device, prompt()), new int[] {5, 2, 7, 3}))
                    .isEqualTo(expected);
            assertThat(moved(device, host)).isEqualTo(expected);
            assertThat(moved(host, device)).isEqualTo(expected);
        }
    }

    private static int[] prompt() {
        int[] prompt = new int[PROMPT];
        Arrays.setAll(prompt, i -> 20 + i * 37 % 180);
        return prompt;
    }

    /** Reads the prompt into blocks 5, 2 and 7; the first token of the answer. */
    private static int read(ModelRunner runner, int[] prompt) {
        return step(runner, prompt, 0, new int[] {5, 2, 7}, PROMPT - 1);
    }

    /** One engine reads, its blocks move to other places of the other engine, which answers. */
    private static int[] moved(ModelRunner from, ModelRunner to) {
        int first = read(from, prompt());
        int[] table = {1, 6, 0, 4};
        int[] own = {5, 2, 7};
        var layout = from.description().groups().getFirst().layout();
        assertThat(to.description().groups().getFirst().layout()).isEqualTo(layout);
        for (int i = 0; i < own.length; i++) {
            MemoryLease lease = lease(layout.blockBytes());
            int source = own[i];
            int target = table[i];
            CudaBlocksIT.<Void>await(
                    done -> from.blocks().export(0, source, 0, layout.layers(), lease, done));
            CudaBlocksIT.<Void>await(
                    done -> to.blocks().restore(0, target, 0, layout.layers(), lease, done));
        }
        return answer(to, first, table);
    }

    private static int[] answer(ModelRunner runner, int first, int[] table) {
        List<Integer> tokens = new ArrayList<>(List.of(first));
        while (tokens.size() < ANSWER) {
            int position = PROMPT + tokens.size() - 1;
            tokens.add(step(runner, new int[] {tokens.getLast()}, position, table, 0));
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int step(
            ModelRunner runner, int[] tokens, int position, int[] table, int logitsFrom) {
        SequenceStep sequence =
                new SequenceStep(tokens, position, new int[][] {table}, logitsFrom, -1);
        var row =
                new SamplingRow.Sample(
                        SamplingParameters.GREEDY,
                        0,
                        position + tokens.length,
                        null,
                        null,
                        -1,
                        false);
        StepHandle step = runner.launch(new StepBatch(List.of(), List.of(sequence)));
        StepResult result =
                await(done -> runner.complete(step, new SamplingBatch(List.of(row)), done));
        return result.rows().getFirst().token();
    }

    static <T> T await(Consumer<Completion<T>> start) {
        CompletableFuture<T> future = new CompletableFuture<>();
        start.accept(
                new Completion<>() {
                    @Override
                    public void completed(T result) {
                        future.complete(result);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        future.completeExceptionally(failure);
                    }
                });
        return future.join();
    }

    private static MemoryLease lease(long bytes) {
        MemorySegment memory = Arena.ofAuto().allocate(bytes, 64);
        return new MemoryLease() {
            @Override
            public MemorySegment segment() {
                return memory;
            }

            @Override
            public void close() {
                // the garbage collector's
            }
        };
    }
}
