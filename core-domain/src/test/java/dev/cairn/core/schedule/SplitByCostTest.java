package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.fleet.FleetSettings;
import dev.cairn.core.fleet.FleetWorker;
import dev.cairn.core.fleet.FleetWorker.Condition;
import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import dev.cairn.ports.system.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who reads a prompt follows what it costs, the way of the blocks included. */
class SplitByCostTest {

    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    private static final int PROMPT = 1_000;

    /** Of a token, where it is answered: beside decodes that is slow. */
    private static final long READ_HERE = 200 * MICRO;

    private static final long READ_THERE = 50 * MICRO;

    private final VirtualDriver driver = new VirtualDriver(1);
    private final Answering answering = new Answering();
    private final RoutedBackend router =
            new RoutedBackend(
                    new GenerationBackend.BackendDescription("fleet", "toy", 1 << 20, "simulated"),
                    FleetSettings.usual(16),
                    new KvAware(),
                    driver,
                    driver,
                    driver.random("routing"),
                    new RecordedTelemetry());
    private long transferPerToken = 10 * MICRO;
    private int requests;

    SplitByCostTest() {
        join("decode", Role.DECODE);
        join("prefill", Role.PREFILL);
    }

    private void join(String name, Role role) {
        router.join(new FleetWorker(name, name, role, Condition.READY, 8_000, ""), answering);
    }

    @Test
    void theDecisionFollowsASlowedLinkAndItsRecovery() {
        assertThat(splitOf(40)).isEqualTo(40);
        // Blocks now take longer than it takes to compute them where they are wanted.
        transferPerToken = 400 * MICRO;
        splitOf(40);
        assertThat(splitOf(64)).isLessThanOrEqualTo(6);
        assertThat(explain()).contains("\"predicted_here_ms\":", "\"predicted_elsewhere_ms\":");
        transferPerToken = 10 * MICRO;
        splitOf(600);
        assertThat(splitOf(64)).isGreaterThanOrEqualTo(58);
        assertThat(explain()).contains("\"read_elsewhere\":true", "sooner, by what was measured");
    }

    @Test
    void aLinkThatIsSlowerButStillWorthItIsUsed() {
        splitOf(40);
        transferPerToken = 60 * MICRO;
        splitOf(40);
        assertThat(splitOf(64)).isGreaterThanOrEqualTo(60);
    }

    /** How many of so many long prompts, one after the other, another worker reads. */
    private int splitOf(int prompts) {
        answering.splits = 0;
        for (int i = 0; i < prompts; i++) {
            int number = requests++;
            Ask ask =
                    new Ask("request " + number, Ask.prompt(number, PROMPT))
                            .maxTokens(1)
                            .arrival(driver.nanos());
            router.generate(ask.request(), _ -> {});
            driver.runUntil(driver.nanos() + 2_000 * MILLI);
        }
        return answering.splits;
    }

    private String explain() {
        List<String> told = new ArrayList<>();
        router.explain(
                "request " + (requests - 1),
                new Completion<>() {
                    @Override
                    public void completed(Optional<JsonObject> story) {
                        told.add(story.map(JsonWriter::write).orElse("nothing"));
                    }

                    @Override
                    public void failed(Throwable failure) {
                        throw new AssertionError(failure);
                    }
                });
        driver.runUntilIdle();
        return told.getFirst();
    }

    /** Takes the time that reading and moving take, and tells one token. */
    private final class Answering implements GenerationBackend {

        private int splits;

        @Override
        public BackendDescription description() {
            return new BackendDescription("toy", "toy", 1 << 20, "a toy");
        }

        @Override
        public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
            boolean split = request.prefillAt().isPresent();
            splits += split ? 1 : 0;
            long perToken = split ? READ_THERE + transferPerToken : READ_HERE;
            driver.schedule(
                    driver.nanos() + perToken * request.prompt().length, () -> answer(events));
            return () -> {};
        }

        private static void answer(TokenListener events) {
            events.on(new TokenEvent.PromptDone(0, List.of()));
            events.on(
                    new TokenEvent.Tokens(
                            0, List.of(new GeneratedToken(7, 0, 0, new int[0], new float[0]))));
            events.on(
                    new TokenEvent.ChoiceEnded(
                            0, FinishReason.LENGTH, new StopCause.Budget(), null));
            events.on(new TokenEvent.Ended(new Usage(PROMPT, 1, 0, 0)));
        }

        @Override
        public LoadReport load() {
            return new LoadReport(0, 0, 0, 8_000, 0);
        }

        @Override
        public void close() {}
    }
}
