package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.core.testing.ThrottledTier.Fate;
import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.CacheStatus;
import dev.cairn.ports.cache.ClearOrder;
import dev.cairn.ports.cache.PinLabel;
import dev.cairn.ports.cache.PinStatus;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What an administrator asks of a cache has the effects that it says. A block has 16 tokens; the
 * device holds 12 blocks, the prompts have 10.
 */
class CacheControlTest {

    private static final int[] PROMPT = Ask.prompt(1, 160);
    private static final int[] OTHER = Ask.prompt(2, 160);
    private static final ClearOrder EVERYTHING =
            new ClearOrder(false, Optional.empty(), OptionalLong.empty(), Set.of());

    private final CountedLeases staging = new CountedLeases(8 * 128);
    private final ThrottledTier host = new ThrottledTier("host", 30);
    private final ThrottledTier disk = new ThrottledTier("disk", 1000);

    private Bench bench(ThrottledTier... tiers) {
        return new Bench(
                toy -> toy.fullAttention(16, 12),
                SchedulerSettings.forModelLength(190),
                driver ->
                        new TierChain(
                                Stream.of(tiers)
                                        .<BlockTier>map(tier -> tier.attach(driver))
                                        .toList(),
                                staging,
                                driver,
                                100,
                                4,
                                FetchPolicy.ALWAYS,
                                1_000_000_000L));
    }

    @AfterEach
    void nothingIsLentForEver() {
        assertThat(staging.lent()).isZero();
    }

    private static int cached(Bench bench, String id, int[] prompt) {
        return (int) bench.run(new Ask(id, prompt).maxTokens(1)).usage().cachedTokens();
    }

    private static <T> T ask(Bench bench, Consumer<Completion<T>> question) {
        Said<T> said = new Said<>();
        question.accept(said);
        bench.finish();
        assertThat(said.failure).isNull();
        return said.result;
    }

    private static <T> RequestRefused refused(Bench bench, Consumer<Completion<T>> question) {
        Said<T> said = new Said<>();
        question.accept(said);
        bench.finish();
        return (RequestRefused) said.failure;
    }

    private static CacheControl control(Bench bench) {
        return bench.backend.cache().orElseThrow();
    }

    private static PromptBlocks lookup(Bench bench, int[] prompt) {
        return ask(bench, done -> control(bench).lookup(prompt, "", done));
    }

    private static void unpin(Bench bench) {
        BlockTally tally =
                ask(bench, done -> control(bench).pin(PROMPT, "", Optional.empty(), false, done));
        assertThat(tally.done()).isEqualTo(10);
    }

    private static Map<String, Integer> clearAll(Bench bench) {
        return ask(bench, done -> control(bench).clear(EVERYTHING, done));
    }

    private static Set<String> places(PromptBlocks blocks) {
        return Set.copyOf(
                blocks.blocks().stream().flatMap(block -> block.places().stream()).toList());
    }

    @Test
    void aLookupSaysWhereEachBlockLies() {
        Bench bench = bench(host, disk);
        assertThat(lookup(bench, PROMPT).hitTokens()).isZero();
        cached(bench, "first", PROMPT);
        disk.forget(keys -> keys.subList(4, keys.size()).clear());
        PromptBlocks found = lookup(bench, PROMPT);
        assertThat(found.tokens()).isEqualTo(160);
        assertThat(found.hitTokens()).isEqualTo(159);
        assertThat(found.deviceTokens()).isEqualTo(159);
        assertThat(found.blocks()).hasSize(10);
        assertThat(found.blocks().get(3).places()).containsExactly("device", "host", "disk");
        assertThat(found.blocks().get(4).places()).containsExactly("device", "host");
        assertThat(found.blocks().get(4).start()).isEqualTo(64);
        cached(bench, "other", OTHER);
        PromptBlocks evicted = lookup(bench, PROMPT);
        assertThat(evicted.hitTokens()).isEqualTo(159);
        assertThat(evicted.deviceTokens()).isLessThan(100);
    }

    @Test
    void aPinSurvivesTenTimesThePressureAndEndsWhenItIsTakenBack() {
        Bench bench = bench(host);
        cached(bench, "first", PROMPT);
        BlockTally pinned =
                ask(bench, done -> control(bench).pin(PROMPT, "", Optional.empty(), true, done));
        assertThat(pinned).isEqualTo(new BlockTally(10, 10, 0, 0));
        press(bench, "pinned ", 30);
        assertThat(places(lookup(bench, PROMPT))).contains("host");
        assertThat(cached(bench, "again", PROMPT)).isEqualTo(159);
        unpin(bench);
        press(bench, "unpinned ", 30);
        assertThat(places(lookup(bench, PROMPT))).isEmpty();
        assertThat(cached(bench, "later", PROMPT)).isZero();
    }

    private static BlockTally pinAs(Bench bench, String name, Duration atMost, int[] prompt) {
        var label = new PinLabel(name, Optional.ofNullable(atMost));
        return ask(
                bench,
                done -> control(bench).pinAs(label, prompt, "t:s", Optional.of("host"), done));
    }

    private static List<PinStatus> pins(Bench bench) {
        return CacheControlTest.<CacheStatus>ask(bench, done -> control(bench).status(done)).pins();
    }

    @Test
    void aPinWithANameIsListedAndEndsByItsName() {
        Bench bench = bench(host);
        bench.run(new Ask("first", PROMPT).tenant("t:s").maxTokens(1));
        assertThat(pinAs(bench, "faq", null, PROMPT)).isEqualTo(new BlockTally(10, 10, 0, 0));
        assertThat(pinAs(bench, "half", null, Arrays.copyOf(PROMPT, 80)).done()).isEqualTo(5);
        assertThat(pins(bench))
                .containsExactly(
                        new PinStatus("faq", "toy", "t", 10, Optional.empty()),
                        new PinStatus("half", "toy", "t", 5, Optional.empty()));
        press(bench, "pinned ", 30);
        assertThat(host.holdings().pinnedBlocks()).isEqualTo(10);
        assertThat(unpin(bench, "faq", "t:other")).isZero();
        assertThat(unpin(bench, "faq", "t:s")).isEqualTo(10);
        // The other pin holds half of them still.
        assertThat(host.holdings().pinnedBlocks()).isEqualTo(5);
        assertThat(unpin(bench, "half", "t:s")).isEqualTo(5);
        assertThat(host.holdings().pinnedBlocks()).isZero();
        assertThat(pins(bench)).isEmpty();
        assertThat(unpin(bench, "half", "t:s")).isZero();
    }

    @Test
    void aPinEndsWhenItsTimeIsOver() {
        Bench bench = bench(host);
        bench.run(new Ask("first", PROMPT).tenant("t:s").maxTokens(1));
        Said<BlockTally> said = new Said<>();
        Duration minute = Duration.ofMinutes(1);
        control(bench)
                .pinAs(
                        new PinLabel("faq", Optional.of(minute)),
                        PROMPT,
                        "t:s",
                        Optional.empty(),
                        said);
        long begin = bench.driver.nanos();
        for (int i = 0; i < 30; i++) {
            bench.submit(new Ask("press " + i, Ask.prompt(1_000 + i, 160)).maxTokens(1));
        }
        bench.driver.runUntil(begin + minute.toNanos() - 1_000_000);
        assertThat(said.result.done()).isEqualTo(10);
        assertThat(host.holdings().pinnedBlocks()).isEqualTo(10);
        bench.driver.runUntil(begin + minute.toNanos() + 1_000_000);
        assertThat(host.holdings().pinnedBlocks()).isZero();
        assertThat(pins(bench)).isEmpty();
    }

    @Test
    void aPinWithoutANameOutlivesOneThatHasOne() {
        Bench bench = bench(host);
        bench.run(new Ask("first", PROMPT).tenant("t:s").maxTokens(1));
        pinAs(bench, "faq", null, PROMPT);
        CacheControlTest.<BlockTally>ask(
                bench, done -> control(bench).pin(PROMPT, "t:s", Optional.empty(), true, done));
        assertThat(unpin(bench, "faq", "t:s")).isEqualTo(10);
        assertThat(host.holdings().pinnedBlocks()).isEqualTo(10);
        CacheControlTest.<BlockTally>ask(
                bench, done -> control(bench).pin(PROMPT, "t:s", Optional.empty(), false, done));
        assertThat(host.holdings().pinnedBlocks()).isZero();
    }

    @Test
    void whatIsClearedIsInNoPinAnyMore() {
        Bench bench = bench(host);
        bench.run(new Ask("first", PROMPT).tenant("t:s").maxTokens(1));
        pinAs(bench, "faq", null, PROMPT);
        clearAll(bench);
        assertThat(pins(bench)).isEmpty();
    }

    private static int unpin(Bench bench, String name, String tenant) {
        return CacheControlTest.<BlockTally>ask(
                        bench, done -> control(bench).unpin(name, tenant, done))
                .done();
    }

    /** Prompts of 10 blocks each; the host tier has room for 30. */
    private static void press(Bench bench, String name, int prompts) {
        for (int i = 0; i < prompts; i++) {
            cached(bench, name + i, Ask.prompt(1_000 + i, 160));
        }
    }

    @Test
    void aPinBringsBlocksToTheTierThatIsNamed() {
        Bench bench = bench(host, disk);
        cached(bench, "first", PROMPT);
        host.forget(List::clear);
        disk.forget(keys -> keys.subList(6, keys.size()).clear());
        cached(bench, "other", OTHER);
        // Two blocks of the prompt are nowhere any more, or in what is left of it in the device.
        int anywhere =
                (int)
                        lookup(bench, PROMPT).blocks().stream()
                                .filter(block -> !block.places().isEmpty())
                                .count();
        BlockTally pinned =
                ask(bench, done -> control(bench).pin(PROMPT, "", Optional.of("host"), true, done));
        assertThat(pinned).isEqualTo(new BlockTally(10, anywhere, 10 - anywhere, 0));
        assertThat(anywhere).isBetween(6, 9);
        assertThat(host.holdings().pinnedBlocks()).isEqualTo(anywhere);
    }

    @Test
    void aMoveLeavesNothingBehind() {
        Bench bench = bench(host, disk);
        cached(bench, "first", PROMPT);
        disk.forget(List::clear);
        BlockTally moved =
                ask(bench, done -> control(bench).move(PROMPT, "", "host", "disk", done));
        assertThat(moved).isEqualTo(new BlockTally(10, 10, 0, 0));
        assertThat(host.size()).isZero();
        assertThat(places(lookup(bench, PROMPT))).containsExactlyInAnyOrder("device", "disk");
        BlockTally fromDevice =
                ask(bench, done -> control(bench).move(PROMPT, "", "device", "host", done));
        assertThat(fromDevice.done()).isEqualTo(10);
        PromptBlocks after = lookup(bench, PROMPT);
        assertThat(places(after)).containsExactlyInAnyOrder("host", "disk");
        assertThat(after.deviceTokens()).isZero();
        assertThat(cached(bench, "again", PROMPT)).isEqualTo(159);
    }

    @Test
    void whatATierGaveDamagedIsNotMoved() {
        Bench bench = bench(host, disk);
        cached(bench, "first", PROMPT);
        disk.forget(List::clear);
        int[] reads = new int[1];
        host.fate(_ -> reads[0]++ == 2 ? Fate.FLIPPED : Fate.GOOD);
        BlockTally moved =
                ask(bench, done -> control(bench).move(PROMPT, "", "host", "disk", done));
        assertThat(moved).isEqualTo(new BlockTally(10, 9, 1, 0));
        assertThat(disk.size()).isEqualTo(9);
    }

    @Test
    void whatIsClearedIsGoneEverywhereAlsoWhatIsOnItsWay() {
        Bench bench = bench(host, disk);
        Heard first = bench.submit(new Ask("first", PROMPT).maxTokens(1));
        while (!first.isOver()) {
            bench.driver.runOne();
        }
        assertThat(disk.size()).as("blocks are still on their way").isLessThan(10);
        Map<String, Integer> cleared = ask(bench, done -> control(bench).clear(EVERYTHING, done));
        assertThat(cleared).containsOnlyKeys("device", "host", "disk");
        assertThat(cleared.get("device")).isEqualTo(10);
        assertThat(host.size() + disk.size()).isZero();
        assertThat(places(lookup(bench, PROMPT))).isEmpty();
        assertThat(cached(bench, "again", PROMPT)).isZero();
    }

    @Test
    void aFetchThatIsUnderWayBringsNothingBack() {
        cached(bench(host, disk), "first", PROMPT);
        host.forget(List::clear);
        Bench bench = bench(host, disk);
        disk.pace(1_000);
        Heard heard = new Heard(new Ask("again", PROMPT).maxTokens(1).request());
        bench.begin(heard);
        bench.driver.runOne();
        bench.driver.runOne();
        clearAll(bench);
        assertThat(heard.isOver()).isTrue();
        assertThat(heard.usage().cachedTokens()).isLessThan(159);
        // What stays is what the request computed itself, afterwards.
        assertThat(places(lookup(bench, Ask.prompt(1, 16)))).isSubsetOf("device", "host", "disk");
    }

    @Test
    void oneTenantIsClearedAndItsSaltsWithIt() {
        Bench bench = bench(host);
        bench.run(new Ask("a", PROMPT).maxTokens(1).tenant("one"));
        bench.run(new Ask("b", OTHER).maxTokens(1).tenant("one:salt"));
        bench.run(new Ask("c", PROMPT).maxTokens(1).tenant("two"));
        assertThat(host.holdings().bytesByTenant()).containsOnlyKeys("one", "two");
        Map<String, Integer> cleared =
                ask(
                        bench,
                        done ->
                                control(bench)
                                        .clear(
                                                new ClearOrder(
                                                        true,
                                                        Optional.of("one"),
                                                        OptionalLong.empty(),
                                                        Set.of()),
                                                done));
        assertThat(cleared.get("host")).isEqualTo(20);
        Heard two = bench.run(new Ask("d", PROMPT).maxTokens(1).tenant("two"));
        assertThat(two.usage().cachedTokens()).isEqualTo(159);
        Heard one = bench.run(new Ask("e", PROMPT).maxTokens(1).tenant("one"));
        assertThat(one.usage().cachedTokens()).isZero();
    }

    @Test
    void ageAndPlaceNarrowWhatIsCleared() {
        Bench bench = bench(host, disk);
        cached(bench, "old", PROMPT);
        bench.driver.schedule(bench.driver.nanos() + 5_000_000_000L, () -> {});
        bench.driver.runUntilIdle();
        cached(bench, "young", OTHER);
        long middle = bench.driver.nanos() / 1_000_000 - 2_000;
        Map<String, Integer> aged =
                ask(
                        bench,
                        done ->
                                control(bench)
                                        .clear(
                                                new ClearOrder(
                                                        false,
                                                        Optional.empty(),
                                                        OptionalLong.of(middle),
                                                        Set.of("host")),
                                                done));
        assertThat(aged).isEqualTo(Map.of("host", 10));
        assertThat(host.size()).isEqualTo(10);
        assertThat(disk.size()).isEqualTo(20);
        assertThat(places(lookup(bench, OTHER))).contains("device", "host", "disk");
    }

    @Test
    void whatASequenceUsesCanBeClearedAndItsAnswerIsTheSame() {
        List<List<Integer>> alone = Bench.roomy().run(new Ask("x", PROMPT).maxTokens(20)).ids();
        Bench bench = bench(host);
        Heard heard = new Heard(new Ask("runs", PROMPT).maxTokens(20).request());
        bench.begin(heard);
        while (bench.runner.computedTokens() < 163) {
            bench.driver.runOne();
        }
        Map<String, Integer> cleared = ask(bench, done -> control(bench).clear(EVERYTHING, done));
        assertThat(cleared.get("device")).isEqualTo(10);
        assertThat(heard.ids()).isEqualTo(alone);
        assertThat(cached(bench, "again", PROMPT)).isZero();
    }

    @Test
    void aStatusCounts() {
        Bench bench = bench(host);
        bench.run(new Ask("first", PROMPT).maxTokens(1).tenant("one"));
        cached(bench, "other", OTHER);
        bench.run(new Ask("again", PROMPT).maxTokens(1).tenant("one"));
        CacheStatus status = ask(bench, done -> control(bench).status(done));
        assertThat(status.devices().getFirst().lookedUpTokens()).isEqualTo(480);
        assertThat(status.devices().getFirst().hitTokens()).isEqualTo(159);
        assertThat(status.devices().getFirst().groups().getFirst().blocks()).isEqualTo(12);
        var tier = status.tiers().getFirst();
        assertThat(tier.name()).isEqualTo("host");
        assertThat(tier.store()).isEqualTo("write-through");
        assertThat(tier.writtenBytes()).isEqualTo(20 * 128);
        assertThat(tier.readBytes()).isPositive();
        assertThat(tier.holdings().bytesByTenant())
                .isEqualTo(Map.of("one", 10 * 128L, "", 10 * 128L));
    }

    @Test
    void aPlaceThatIsNotThereIsNamedByItsField() {
        Bench bench = bench(host);
        CacheControl control = control(bench);
        assertThat(
                        refused(
                                        bench,
                                        (Completion<BlockTally> done) ->
                                                control.move(PROMPT, "", "dsk", "host", done))
                                .problem()
                                .parameter())
                .contains("from");
        assertThat(
                        refused(
                                        bench,
                                        (Completion<BlockTally> done) ->
                                                control.move(PROMPT, "", "host", "device", done))
                                .problem()
                                .parameter())
                .contains("to");
        assertThat(
                        refused(
                                        bench,
                                        (Completion<BlockTally> done) ->
                                                control.pin(
                                                        PROMPT,
                                                        "",
                                                        Optional.of("tape"),
                                                        true,
                                                        done))
                                .getMessage())
                .contains("\"tape\"")
                .contains("host");
        Bench alone = bench();
        assertThat(
                        refused(
                                        alone,
                                        (Completion<BlockTally> done) ->
                                                control(alone)
                                                        .pin(
                                                                PROMPT,
                                                                "",
                                                                Optional.empty(),
                                                                true,
                                                                done))
                                .getMessage())
                .contains("cairn.cache.tiers");
    }

    @Test
    void aDeviceWithoutTiersIsClearedAndLookedUp() {
        Bench bench = bench();
        cached(bench, "first", PROMPT);
        assertThat(places(lookup(bench, PROMPT))).containsExactly("device");
        assertThat(
                        ask(
                                bench,
                                (Completion<Map<String, Integer>> done) ->
                                        control(bench).clear(EVERYTHING, done)))
                .isEqualTo(Map.of("device", 10));
        assertThat(cached(bench, "again", PROMPT)).isZero();
    }

    private static final class Said<T> implements Completion<T> {

        private T result;
        private Throwable failure;

        @Override
        public void completed(T said) {
            result = said;
        }

        @Override
        public void failed(Throwable why) {
            failure = why;
        }
    }
}
