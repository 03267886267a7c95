package dev.cairn.core.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.core.schedule.SchedulerSettings;
import dev.cairn.core.schedule.StepLog;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.core.testing.ToyRunner;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.Timers.Cancellation;
import dev.cairn.ports.telemetry.Telemetry;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnswerTest {

    private static final StopCause BUDGET = new StopCause.Budget();
    private static final StopCause END = new StopCause.EndOfSequence();

    @Test
    void tokensBecomeTextInOrderAndTheAnswerEndsOnce() {
        World world = new World();
        world.asked(new Call());
        world.backend.promptDone();
        world.backend.say(0, ByteCodec.bytes("hé"));
        world.backend.endChoice(0, FinishReason.LENGTH, BUDGET);
        world.backend.end(3);
        assertThat(world.text(0)).isEqualTo("hé");
        assertThat(world.events.getFirst()).isInstanceOf(AnswerEvent.Started.class);
        assertThat(world.events.getLast()).isEqualTo(new AnswerEvent.Ended(new Usage(5, 3, 0, 0)));
        assertThat(world.inference.liveRequests()).isZero();
    }

    @Test
    void halfACharacterIsHeldBackAndReplacedAtTheEnd() {
        World world = new World();
        world.asked(new Call());
        int[] euro = ByteCodec.bytes("€");
        world.backend.say(0, euro[0]);
        world.backend.say(0, euro[1]);
        assertThat(world.text(0)).isEmpty();
        assertThat(world.ids(0)).containsExactly(euro[0], euro[1]);
        world.backend.endChoice(0, FinishReason.LENGTH, BUDGET);
        assertThat(world.text(0)).isEqualTo("\uFFFD");
    }

    @Test
    void theEndOfSequenceIsReportedAndCountedButNotShown() {
        ByteCodec codec = new ByteCodec(false, "</turn>");
        World world = new World(codec, GenerationDefaults.none());
        int turn = ByteCodec.FIRST_WORD;
        world.asked(new Call().stopIds(turn));
        world.backend.say(0, ByteCodec.FIRST_BYTE + 'a');
        world.backend.say(0, turn);
        world.backend.endChoice(0, FinishReason.STOP, new StopCause.StopToken(turn));
        world.backend.end(2);
        assertThat(world.text(0)).isEqualTo("a");
        assertThat(world.ids(0)).containsExactly(ByteCodec.FIRST_BYTE + 'a', turn);

        World including = new World(codec, GenerationDefaults.none());
        including.asked(new Call().stopIds(turn).includeStop());
        including.backend.say(0, turn);
        assertThat(including.text(0)).isEqualTo("</turn>");
    }

    @Test
    void aBackendThatRunsPastAStopStringIsStopped() {
        World world = new World();
        world.asked(new Call().stop("XY"));
        world.backend.promptDone();
        world.backend.say(0, ByteCodec.bytes("abX"));
        assertThat(world.text(0)).isEqualTo("ab");
        world.backend.say(0, ByteCodec.bytes("Ycd"));
        assertThat(world.text(0)).isEqualTo("ab");
        assertThat(world.backend.aborts()).isEqualTo(1);
        assertThat(world.events)
                .contains(
                        new AnswerEvent.ChoiceEnded(
                                0, FinishReason.STOP, new StopCause.StopString("XY")))
                .endsWith(new AnswerEvent.Ended(new Usage(5, 4, 0, 0)));
        int events = world.events.size();
        world.backend.say(0, 5);
        world.backend.on(new TokenEvent.Failed(problem()));
        assertThat(world.events).hasSize(events);
    }

    @Test
    void otherChoicesGoOnAfterOneMetItsStopString() {
        World world = new World();
        world.asked(new Call().choices(2).stop("X"));
        world.backend.say(0, ByteCodec.bytes("aX"));
        world.backend.say(0, ByteCodec.bytes("more"));
        world.backend.say(1, ByteCodec.bytes("b"));
        assertThat(world.backend.aborts()).isZero();
        world.backend.endChoice(1, FinishReason.STOP, END);
        world.backend.end(7);
        assertThat(world.text(0)).isEqualTo("a");
        assertThat(world.text(1)).isEqualTo("b");
        assertThat(world.events.getLast()).isEqualTo(new AnswerEvent.Ended(new Usage(5, 3, 0, 0)));
    }

    @Test
    void whatWasHeldBackForAStopStringComesAtTheEnd() {
        World world = new World();
        world.asked(new Call().stop("XYZ"));
        world.backend.say(0, ByteCodec.bytes("aXY"));
        assertThat(world.text(0)).isEqualTo("a");
        world.backend.endChoice(0, FinishReason.LENGTH, BUDGET);
        assertThat(world.text(0)).isEqualTo("aXY");
    }

    @Test
    void onlyAnAnswerToAConversationLosesItsLeadingSpace() {
        ByteCodec stripping = new ByteCodec(true);
        World chat = new World(stripping, GenerationDefaults.none());
        chat.asked(new Call().prompt(Call.chat(false)));
        chat.backend.say(0, ByteCodec.bytes(" hi"));
        assertThat(chat.text(0)).isEqualTo("hi");
        World open = new World(stripping, GenerationDefaults.none());
        open.asked(new Call().prompt(Call.chat(true)));
        open.backend.say(0, ByteCodec.bytes(" hi"));
        assertThat(open.text(0)).isEqualTo(" hi");
        World completion = new World(stripping, GenerationDefaults.none());
        completion.asked(new Call());
        completion.backend.say(0, ByteCodec.bytes(" hi"));
        assertThat(completion.text(0)).isEqualTo(" hi");
    }

    @Test
    void reportsHaveTextBytesAndTheLikeliest() {
        World world = new World();
        world.asked(new Call().logprobs(2));
        world.backend.say(0, ByteCodec.FIRST_BYTE + 'q');
        TokenReport report = ((AnswerEvent.Delta) world.events.getLast()).tokens().getFirst();
        assertThat(report.text()).isEqualTo("q");
        assertThat(report.bytes()).isEqualTo("q".getBytes(StandardCharsets.UTF_8));
        assertThat(report.logprob()).isEqualTo(-0.5f);
        assertThat(report.top()).hasSize(2);
        assertThat(report.top().get(1).logprob()).isEqualTo(-2f);
        assertThat(report.top().get(1).rank()).isEqualTo(2);
    }

    @Test
    void tokensBeyondTheTokenizersVocabularyHaveNoText() {
        World world = new World();
        world.asked(new Call());
        world.backend.say(0, 299);
        assertThat(world.text(0)).isEmpty();
        assertThat(world.ids(0)).containsExactly(299);
    }

    @Test
    void cancellingAbortsTheBackendAndItsFailureIsTheLastEvent() {
        World world = new World();
        Cancellation cancellation = world.inference.generate(new Call().call(), world.events::add);
        cancellation.cancel();
        cancellation.cancel();
        assertThat(world.backend.aborts()).isEqualTo(1);
        world.backend.on(new TokenEvent.Failed(problem()));
        assertThat(world.events).containsExactly(new AnswerEvent.Failed(problem()));
        assertThat(world.inference.liveRequests()).isZero();
    }

    @Test
    void aListenerThatFailsIsToldNothingMoreAndItsWorkEnds() {
        World world = new World();
        world.inference.generate(
                new Call().call(),
                event -> {
                    world.events.add(event);
                    throw new IllegalStateException("on purpose, by the test");
                });
        world.backend.promptDone();
        world.backend.say(0, 70);
        assertThat(world.events).hasSize(1);
        assertThat(world.backend.aborts()).isEqualTo(1);
        world.backend.on(new TokenEvent.Failed(problem()));
        assertThat(world.inference.liveRequests()).isZero();
    }

    @Test
    void everyRequestIsASpanByTheConventions() {
        World world = new World();
        world.asked(new Call().temperature(0.5));
        world.backend.say(0, 70);
        world.backend.endChoice(0, FinishReason.STOP, END);
        world.backend.end(1);
        RecordedTelemetry.RecordedSpan span = world.telemetry.spans().getFirst();
        assertThat(span.name()).isEqualTo("text_completion toy");
        assertThat(span.hasEnded()).isTrue();
        assertThat(span.attributes())
                .containsEntry("gen_ai.operation.name", "text_completion")
                .containsEntry("gen_ai.request.model", "toy")
                .containsEntry("gen_ai.request.temperature", 0.5)
                .containsEntry("gen_ai.usage.input_tokens", 5L)
                .containsEntry("gen_ai.usage.output_tokens", 1L)
                .containsEntry("gen_ai.response.finish_reasons", "stop");
    }

    @Test
    void overTheSchedulerNoTokenIsDecodedBeyondAStopString() {
        VirtualDriver driver = new VirtualDriver();
        ToyRunner runner = ToyRunner.over(driver).fullAttention(8, 100).build();
        StepLog log = new StepLog(1000);
        ScheduledBackend backend =
                new ScheduledBackend(
                        "toy",
                        "toy",
                        runner,
                        new ByteCodec(false),
                        SchedulerSettings.forModelLength(World.MAX_LENGTH),
                        driver,
                        Telemetry.none(),
                        log);
        World whole = new World(backend);
        Call call =
                new Call()
                        .allowed(ByteCodec.FIRST_BYTE + 'a', ByteCodec.FIRST_BYTE + 'b')
                        .seed(3)
                        .maxTokens(60);
        whole.inference.generate(call.call(), whole.events::add);
        driver.runUntilIdle();
        int end = whole.text(0).indexOf("baab") + 4;
        assertThat(end).isBetween(5, 59);
        int steps = log.steps().size();

        World stopped = new World(backend);
        stopped.inference.generate(call.stop("baab").call(), stopped.events::add);
        driver.runUntilIdle();
        assertThat(stopped.text(0)).isEqualTo(whole.text(0).substring(0, end - 4));
        assertThat(stopped.ids(0)).isEqualTo(whole.ids(0).subList(0, end));
        assertThat(log.steps()).hasSize(steps + end);
        assertThat(backend.load().usedBlocks()).isZero();
    }

    private static RequestProblem problem() {
        return RequestProblem.of(Category.CANCELLED, "request_cancelled", "gone");
    }
}
