package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.TierChain;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.ToyAdapters;
import dev.cairn.ports.request.AdapterChoice;
import dev.cairn.ports.request.GenerationRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** LoRA adapters in a scheduler: few slots, many adapters, shared prompts. */
class AdapterSchedulingTest {

    private static final int ADAPTERS = 1_000;
    private static final int SLOTS = 3;

    @Test
    void everyMixAnswersAsEachRequestAloneWithinTheSlots() {
        long seed = new Random().nextLong();
        System.out.println("AdapterSchedulingTest seed " + seed);
        for (int round = 0; round < 20; round++) {
            mixed(new Random(seed + round));
        }
    }

    private static void mixed(Random random) {
        // Few prompts for many adapters: what is shared wrongly shows.
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            prompts.add(Ask.prompt(random.nextLong(), 5 + random.nextInt(60)));
        }
        int[] some = random.ints(6, 0, ADAPTERS).toArray();
        Bench tight = bench(40);
        List<GenerationRequest> requests = new ArrayList<>();
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int adapter = some[random.nextInt(some.length)];
            GenerationRequest request =
                    new Ask("r" + i, prompts.get(random.nextInt(3)))
                            .request()
                            .with(random.nextInt(4) == 0 ? AdapterChoice.NONE : choice(adapter));
            requests.add(request);
            heard.add(tight.submit(request));
        }
        tight.finish();
        assertThat(tight.runner.toyAdapters().mostLoaded()).isLessThanOrEqualTo(SLOTS);
        Bench roomy = bench(1000);
        for (int i = 0; i < requests.size(); i++) {
            Heard alone = roomy.submit(requests.get(i).named("alone " + i));
            roomy.finish();
            assertThat(heard.get(i).ids(0)).as("request %d", i).isEqualTo(alone.ids(0));
        }
    }

    @Test
    void adaptersOfOnePromptShareNoBlock() {
        Bench bench = bench(1000);
        int[] prompt = Ask.prompt(7, 48);
        Set<List<Integer>> answers = new HashSet<>();
        for (int adapter = -1; adapter < 9; adapter++) {
            AdapterChoice choice = adapter < 0 ? AdapterChoice.NONE : choice(adapter);
            Heard first = bench.submit(new Ask("a" + adapter, prompt).request().with(choice));
            bench.finish();
            Heard again = bench.submit(new Ask("b" + adapter, prompt).request().with(choice));
            bench.finish();
            assertThat(first.usage().cachedTokens()).as("of another adapter").isZero();
            assertThat(again.usage().cachedTokens()).isPositive();
            assertThat(again.ids(0)).isEqualTo(first.ids(0));
            answers.add(first.ids(0));
        }
        assertThat(answers).hasSize(10);
    }

    @Test
    void anAdapterThatNobodyKnowsIsRefused() {
        Bench bench = bench(100);
        Heard unknown =
                bench.submit(
                        new Ask("x", 65, 66).request().with(new AdapterChoice("gone", "ffffffff")));
        bench.finish();
        assertThat(unknown.problem().code()).isEqualTo("adapter_not_known");
        Bench without = Bench.roomy();
        Heard none = without.submit(new Ask("x", 65, 66).request().with(choice(1)));
        without.finish();
        assertThat(none.problem().code()).isEqualTo("adapters_not_served");
    }

    @Test
    void anAdapterThatCannotBeLoadedFailsItsRequestsAloneAndFreesItsSlot() {
        Bench bench = bench(100);
        bench.runner.toyAdapters().breakAdapter(digest(5));
        List<Heard> good = new ArrayList<>();
        Heard bad = bench.submit(new Ask("bad", 65, 66).request().with(choice(5)));
        for (int i = 0; i < 5; i++) {
            good.add(bench.submit(new Ask("good" + i, 65, 66).request().with(choice(10 + i))));
        }
        bench.finish();
        assertThat(bad.problem().code()).isEqualTo("adapter_failed");
        assertThat(good).allMatch(each -> each.ids(0).size() == 10);
    }

    @Test
    void aRequestThatWaitsForASlotIsNotPassedByOthersForEver() {
        Bench bench = bench(1000);
        for (int i = 0; i < 60; i++) {
            bench.submit(new Ask("r" + i, 65 + i % 20, 66).request().with(choice(i % 5)));
        }
        bench.finish();
        assertThat(bench.runner.toyAdapters().loads()).isLessThan(30);
    }

    private static Bench bench(int blocks) {
        return new Bench(
                toy -> toy.fullAttention(16, blocks),
                SchedulerSettings.forModelLength(1 << 20),
                new VirtualDriver(),
                _ -> TierChain.NONE,
                new AdapterSupply(
                        SLOTS,
                        digest ->
                                digest.startsWith("ad")
                                        ? Optional.of(new ToyAdapters.Named(digest))
                                        : Optional.empty()));
    }

    private static AdapterChoice choice(int adapter) {
        return new AdapterChoice("adapter " + adapter, digest(adapter));
    }

    private static String digest(int adapter) {
        return "ad" + Integer.toHexString(adapter);
    }
}
