package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.request.SamplingParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A request's tokens and the bits of their log-probabilities are those that it has alone, whatever
 * is computed with it: in any batch, its prompt cut anywhere, over blocks that another request has
 * made or cold, by graphs or kernel by kernel, with its adapter or none, while adapters are loaded.
 */
class InvarianceTest {

    private static final boolean NIGHTLY =
            System.getProperty("cairn.test.size", "short").equals("nightly");

    private static final int MIXES = NIGHTLY ? 40 : 1;
    private static final int REQUESTS = NIGHTLY ? 7 : 4;
    private static final int ADAPTERS = 3;
    private static final int STEP_TOKENS = 96;

    /** Beyond two partitions of attention. */
    private static final int LONGEST = 280;

    private static final int BLOCKS = 20;

    /** Of weights and of keys and values. */
    enum Kind {
        FLOAT(WeightType.FLOAT32, KvType.FLOAT32, false),
        RICH_FLOAT(WeightType.FLOAT32, KvType.FLOAT32, true),
        HALF(WeightType.FLOAT16, KvType.BFLOAT16, false),
        RICH_BRAIN(WeightType.BFLOAT16, KvType.BFLOAT16, true),
        QUANTISED(WeightType.Q8_0, KvType.FLOAT32, false),
        RICH_QUANTISED(WeightType.Q4_0, KvType.BFLOAT16, true);

        private final TestModel model;
        private final KvType kvType;

        Kind(WeightType weights, KvType kvType, boolean rich) {
            this.kvType = kvType;
            model = new TestModel(weights, rich);
        }
    }

    /** A prompt and what is to come of it. */
    private record Request(
            int[] prompt, int answer, int adapter, long seed, int donor, int shared) {}

    /** A request on its way. */
    private static final class Sequence {
        private final Request request;
        private final int[] table = new int[BLOCKS];
        private final List<Integer> tokens = new ArrayList<>();
        private final List<String> said = new ArrayList<>();
        private int computed;

        Sequence(Request request, int index) {
            this.request = request;
            Arrays.setAll(table, i -> index * BLOCKS + (7 * i + index) % BLOCKS);
            Arrays.stream(request.prompt()).forEach(tokens::add);
        }

        boolean isDone() {
            return said.size() == request.answer();
        }

        int waiting() {
            return tokens.size() - computed;
        }

        /** Begins with the blocks of another one. */
        void share(Sequence donor) {
            System.arraycopy(donor.table, 0, table, 0, request.shared() / Runners.BLOCK_TOKENS);
            computed = request.shared();
        }

        SequenceStep step(ModelRunner runner, int count) {
            int[] chunk = new int[count];
            Arrays.setAll(chunk, i -> tokens.get(computed + i));
            int logitsFrom = count == waiting() ? count - 1 : count;
            return Runners.step(runner, chunk, computed, table, logitsFrom, request.adapter());
        }

        SamplingRow row() {
            var parameters = new SamplingParameters(1.1f, 0.95f, 40, 0, 0, 0, 1, Map.of());
            return new SamplingRow.Sample(
                    parameters, request.seed(), tokens.size(), null, null, 2, false);
        }

        void say(TokenChoice choice) {
            tokens.add(choice.token());
            said.add(
                    "%d %a %s"
                            .formatted(
                                    choice.token(),
                                    choice.logprob(),
                                    Arrays.toString(choice.topIds())));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyMixAnswersAsEachRequestAlone(Kind kind) {
        for (int mix = 0; mix < MIXES; mix++) {
            long seed = new Random().nextLong();
            System.out.printf("%s, seed %d%n", kind, seed);
            check(kind, new Random(seed));
        }
    }

    private static void check(Kind kind, Random random) {
        List<TestAdapter> adapters = new ArrayList<>();
        for (int i = 0; i < ADAPTERS; i++) {
            adapters.add(new TestAdapter(kind.model, 1 + random.nextInt(30), random.nextLong()));
        }
        // long prompts take their time on the stand-in
        List<Request> requests = requests(random, NIGHTLY || kind == Kind.FLOAT);
        List<List<String>> expected = new ArrayList<>();
        try (ModelRunner runner = open(kind, false)) {
            load(runner, adapters);
            for (Request request : requests) {
                expected.add(alone(runner, request));
            }
        }
        try (ModelRunner runner = open(kind, true)) {
            load(runner, adapters);
            List<Sequence> mixed = new ArrayList<>();
            for (int i = 0; i < requests.size(); i++) {
                mixed.add(new Sequence(requests.get(i), i));
            }
            together(runner, mixed, kind, random);
            for (int i = 0; i < requests.size(); i++) {
                assertThat(mixed.get(i).said)
                        .as("request %d: %s", i, requests.get(i))
                        .isEqualTo(expected.get(i));
            }
        }
    }

    private static List<Request> requests(Random random, boolean withLong) {
        List<Request> requests = new ArrayList<>();
        int longest = withLong ? random.nextInt(REQUESTS) : -1;
        for (int i = 0; i < REQUESTS; i++) {
            int length = 1 + random.nextInt(50);
            if (i == longest) {
                length = LONGEST - 10 - random.nextInt(20);
            }
            int[] prompt = random.ints(length, 0, TestModel.VOCABULARY).toArray();
            int adapter = random.nextInt(ADAPTERS + 1) - 1;
            int donor = i > 0 && random.nextInt(2) == 0 ? random.nextInt(i) : -1;
            int shared = 0;
            if (donor >= 0) {
                int[] theirs = requests.get(donor).prompt();
                shared = (Math.min(length, theirs.length) - 1) / 16 * 16;
                System.arraycopy(theirs, 0, prompt, 0, shared);
                adapter = requests.get(donor).adapter();
            }
            requests.add(
                    new Request(
                            prompt,
                            1 + random.nextInt(9),
                            adapter,
                            random.nextLong(),
                            shared == 0 ? -1 : donor,
                            shared));
        }
        return requests;
    }

    /** Cold, its prompt at once, kernel by kernel. */
    private static List<String> alone(ModelRunner runner, Request request) {
        Sequence sequence = new Sequence(request, 0);
        while (!sequence.isDone()) {
            run(runner, List.of(sequence), new int[] {Math.min(sequence.waiting(), STEP_TOKENS)});
        }
        return sequence.said;
    }

    private static void together(
            ModelRunner runner, List<Sequence> mixed, Kind kind, Random random) {
        List<CompletableFuture<Void>> loads = new ArrayList<>();
        while (!mixed.stream().allMatch(Sequence::isDone)) {
            List<Sequence> taken = new ArrayList<>();
            List<Integer> counts = new ArrayList<>();
            boolean decode = random.nextInt(3) == 0;
            int budget = STEP_TOKENS;
            for (Sequence sequence : mixed) {
                if (isReady(sequence, mixed) && random.nextInt(5) > 0 && budget > 0) {
                    int most = Math.min(budget, sequence.waiting());
                    if (!decode || most == 1) {
                        taken.add(sequence);
                        counts.add(1 + random.nextInt(most));
                        budget -= counts.getLast();
                    }
                }
            }
            if (random.nextInt(4) == 0) {
                TestAdapter other = new TestAdapter(kind.model, 1 + random.nextInt(60), 1);
                int slot = 100 + loads.size();
                loads.add(
                        Runners.future(
                                done -> runner.adapters().orElseThrow().load(slot, other, done)));
            }
            if (!taken.isEmpty()) {
                run(runner, taken, counts.stream().mapToInt(Integer::intValue).toArray());
            }
        }
        loads.forEach(CompletableFuture::join);
    }

    /** Not done, and its donor's blocks are there, which it takes then. */
    private static boolean isReady(Sequence sequence, List<Sequence> mixed) {
        int donor = sequence.request.donor();
        if (sequence.isDone()) {
            return false;
        }
        if (donor >= 0 && sequence.computed == 0) {
            if (mixed.get(donor).computed < sequence.request.shared()) {
                return false;
            }
            sequence.share(mixed.get(donor));
        }
        return true;
    }

    private static void run(ModelRunner runner, List<Sequence> sequences, int[] counts) {
        List<SequenceStep> steps = new ArrayList<>();
        List<Sequence> saying = new ArrayList<>();
        List<SamplingRow> rows = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            Sequence sequence = sequences.get(i);
            steps.add(sequence.step(runner, counts[i]));
            if (counts[i] == sequence.waiting()) {
                saying.add(sequence);
                rows.add(sequence.row());
            }
        }
        List<TokenChoice> choices = Runners.run(runner, steps, rows);
        for (int i = 0; i < counts.length; i++) {
            sequences.get(i).computed += counts[i];
        }
        for (int i = 0; i < saying.size(); i++) {
            saying.get(i).say(choices.get(i));
        }
    }

    private static void load(ModelRunner runner, List<TestAdapter> adapters) {
        for (int slot = 0; slot < adapters.size(); slot++) {
            Runners.load(runner, slot, adapters.get(slot));
        }
    }

    private static ModelRunner open(Kind kind, boolean graphs) {
        RunnerOptions options =
                new RunnerOptions(
                        Optional.empty(),
                        Optional.of(kind.kvType),
                        Runners.BLOCK_TOKENS,
                        12 << 20,
                        BLOCKS * Runners.BLOCK_TOKENS,
                        STEP_TOKENS,
                        REQUESTS);
        return Runners.open(
                StandIn.fresh(),
                kind.model,
                options,
                device ->
                        new ForwardingDevice(device) {
                            @Override
                            public boolean takesGraphs() {
                                return graphs;
                            }
                        });
    }
}
