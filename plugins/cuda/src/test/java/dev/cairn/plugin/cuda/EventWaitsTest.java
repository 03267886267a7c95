package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/**
 * Every wait for an event is needed: with all of them the work is right whichever stream is slow,
 * and where any one is left out of the code it is wrong with one of them slow.
 */
class EventWaitsTest {

    /** Compute, uploads, transfers. */
    private static final int STREAMS = 3;

    private static final int PROMPT = 20;
    private static final int BLOCKS = 4;

    @Test
    void noWaitCanBeLeftOut() {
        Set<String> places = new TreeSet<>();
        List<String> expected = work(StandIn.fresh(), places, "");
        for (int slow = 0; slow < STREAMS; slow++) {
            assertThat(work(StandIn.fresh().withSlowStream(slow), places, ""))
                    .as("all waits, stream %d slow", slow)
                    .isEqualTo(expected);
        }
        assertThat(places).as("places that wait").hasSizeGreaterThanOrEqualTo(5);
        for (String place : places) {
            boolean found = false;
            for (int slow = 0; slow < STREAMS && !found; slow++) {
                found = !work(StandIn.fresh().withSlowStream(slow), places, place).equals(expected);
            }
            System.out.printf("without the wait of %s: %s%n", place, found ? "wrong" : "right");
            assertThat(found).as("somebody notices that %s does not wait", place).isTrue();
        }
    }

    /**
     * What a load, steps, and blocks that leave and come give; the words of a failure if they fail.
     */
    private static List<String> work(StandIn standIn, Set<String> places, String dropped) {
        TestModel model = new TestModel(WeightType.FLOAT32, false);
        try (ModelRunner runner =
                Runners.open(
                        standIn,
                        model,
                        Runners.options(KvType.FLOAT32),
                        device -> new DroppingDevice(device, places, dropped))) {
            return work(runner);
        } catch (CompletionException | IndexOutOfBoundsException failure) {
            return List.of(failure.getMessage());
        }
    }

    private static List<String> work(ModelRunner runner) {
        List<String> seen = new ArrayList<>();
        int[] table = {3, 1, 0, 2};
        int[] prompt = new int[PROMPT];
        Arrays.setAll(prompt, i -> (7 * i + 3) % TestModel.VOCABULARY);
        var step = Runners.step(runner, prompt, 0, table, PROMPT - 1);
        CompletableFuture<StepResult> first =
                Runners.begin(runner, List.of(step), List.of(row(PROMPT)));
        // at once, while the step that writes the block is on its way
        MemoryLease block = export(runner, table[0]);
        int token = first.join().rows().getFirst().token();
        seen.add("first " + token);
        seen.add("block " + Arrays.hashCode(block.segment().toArray(ValueLayout.JAVA_BYTE)));
        int[] moved = {BLOCKS, table[1], table[2], table[3]};
        restore(runner, moved[0], block);
        for (int i = 0; i < 3; i++) {
            int position = PROMPT + i;
            TokenChoice choice =
                    Runners.run(
                                    runner,
                                    List.of(
                                            Runners.step(
                                                    runner,
                                                    new int[] {
                                                        Math.floorMod(token, TestModel.VOCABULARY)
                                                    },
                                                    position,
                                                    moved,
                                                    0)),
                                    List.of(row(position + 1)))
                            .getFirst();
            token = choice.token();
            seen.add("then " + token + " " + choice.logprob());
        }
        return seen;
    }

    private static MemoryLease export(ModelRunner runner, int block) {
        var layout = runner.description().groups().getFirst().layout();
        MemoryLease lease = Runners.lease(layout.blockBytes());
        Runners.<Void>future(
                        done -> runner.blocks().export(0, block, 0, layout.layers(), lease, done))
                .join();
        return lease;
    }

    private static void restore(ModelRunner runner, int block, MemoryLease from) {
        var layout = runner.description().groups().getFirst().layout();
        Runners.<Void>future(
                        done -> runner.blocks().restore(0, block, 0, layout.layers(), from, done))
                .join();
    }

    /** Of high temperature, so that another seed or position gives another token. */
    private static SamplingRow.Sample row(int position) {
        int[] mask = {~0, ~0, ~0};
        mask[position % 2] = 0x0f0f0f0f;
        var parameters = new SamplingParameters(1.5f, 0.99f, 80, 0, 0, 0, 1, Map.of());
        return new SamplingRow.Sample(parameters, 99, position, null, mask, 2, false);
    }
}
