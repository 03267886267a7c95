package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.request.StopCause;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Answers that are held to a format, over the scheduler. */
class FormatTest {

    private static final OutputFormat ONLY = new OutputFormat.Choice(List.of("only"));
    private static final OutputFormat DIGITS = new OutputFormat.Regex("[0-9]+");

    @RepeatedTest(60)
    void everyAnswerIsOfItsFormat(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Form form = Form.any(random);
        Heard heard =
                Bench.roomy()
                        .run(
                                ask(form.format())
                                        .choices(1 + random.nextInt(4))
                                        .temperature(random.nextInt(2))
                                        .seed(seed)
                                        .endIds(ByteCodec.END)
                                        .maxTokens(60 + random.nextInt(100)));
        for (int choice = 0; choice < heard.request().choices(); choice++) {
            assertThat(form.holds(heard, choice))
                    .as("seed %d, %s: %s", seed, form.format(), Form.text(heard, choice))
                    .isTrue();
        }
    }

    @Test
    void anExhaustedFormatEndsTheChoiceWithoutAnotherStep() {
        Bench bench = Bench.roomy();
        Heard heard = bench.run(ask(new OutputFormat.Regex("[ab]{4}")).endIds(ByteCodec.END));
        assertThat(heard.ids(0)).hasSize(4);
        assertThat(heard.end(0).reason()).isEqualTo(FinishReason.STOP);
        assertThat(heard.end(0).cause()).isEqualTo(new StopCause.EndOfSequence());
        assertThat(heard.usage().completionTokens()).isEqualTo(4);
        assertThat(bench.log.steps()).hasSize(4);
    }

    @Test
    void anAnswerThatIsForcedAsAWholeCostsOneStep() {
        Bench bench = Bench.roomy();
        Heard heard = bench.run(ask(ONLY).choices(3));
        for (int choice = 0; choice < 3; choice++) {
            assertThat(Form.text(heard, choice)).isEqualTo("only");
            assertThat(heard.end(choice).reason()).isEqualTo(FinishReason.STOP);
        }
        assertThat(heard.usage().completionTokens()).isEqualTo(12);
        assertThat(bench.log.steps()).hasSize(1);
    }

    @Test
    void forcedTokensHaveTheLogProbabilitiesOfChosenOnes() {
        OutputFormat format = new OutputFormat.Regex("ab[cd]efgh[ij]k");
        Heard heard = Bench.roomy().run(ask(format).logprobs(2));
        assertThat(heard.ids(0)).hasSize(9);
        // A bias that changes nothing keeps tokens from being forced: each is chosen in its step.
        SamplingParameters chosen = new SamplingParameters(0, 1, 0, 0, 0, 0, 1, Map.of(0, 0f));
        Bench slow = Bench.roomy();
        Heard stepped = slow.run(ask(format).logprobs(2).sampling(chosen));
        assertThat(heard.answer()).isEqualTo(stepped.answer());
        assertThat(slow.log.steps()).hasSize(9);
    }

    @Test
    void forcedTokensAreStoppedAndCountedAsOthers() {
        OutputFormat format = new OutputFormat.Regex("abcdefgh[ij]");
        Heard string = Bench.roomy().run(ask(format).stop("cde"));
        assertThat(string.ids(0)).hasSize(5);
        assertThat(string.end(0).cause()).isEqualTo(new StopCause.StopString("cde"));
        Heard token = Bench.roomy().run(ask(format).stopIds(ByteCodec.FIRST_BYTE + 'd'));
        assertThat(token.ids(0)).hasSize(4);
        assertThat(token.usage().completionTokens()).isEqualTo(4);
    }

    @Test
    void aFormatThatGoesOnEndsWithTheBudget() {
        Heard heard = Bench.roomy().run(ask(DIGITS).maxTokens(7));
        assertThat(Form.text(heard, 0)).matches("[0-9]{7}");
        assertThat(heard.end(0).reason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void ignoreEosGoesOnAsLongAsTheFormatDoes() {
        OutputFormat format = new OutputFormat.Regex("[0-9]{1,12}");
        Heard heard = Bench.roomy().run(ask(format).maxTokens(50));
        assertThat(heard.ids(0)).hasSize(12);
        assertThat(heard.end(0).reason()).isEqualTo(FinishReason.STOP);
    }

    @RepeatedTest(20)
    void noEndComesBeforeMinTokens(RepetitionInfo repetition) {
        OutputFormat format = new OutputFormat.Regex("[0-9]{1,40}");
        Heard heard =
                Bench.roomy()
                        .run(
                                ask(format)
                                        .temperature(1)
                                        .seed(repetition.getCurrentRepetition())
                                        .sampling(likelyEnd())
                                        .endIds(ByteCodec.END)
                                        .minTokens(8)
                                        .maxTokens(50));
        // The end, too, is a token.
        assertThat(heard.ids(0)).hasSize(9);
        assertThat(heard.ids(0).getLast()).isEqualTo(ByteCodec.END);
    }

    @Test
    void minTokensGiveWayWhereTheFormatIsComplete() {
        Heard heard = Bench.roomy().run(ask(ONLY).minTokens(8).endIds(ByteCodec.END));
        assertThat(Form.text(heard, 0)).isEqualTo("only");
        assertThat(heard.end(0).reason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void allowedTokensThatTheFormatCannotUseAreAnErrorAndNoText() {
        Heard heard = Bench.roomy().run(ask(DIGITS).allowed(ids("abc")));
        assertThat(heard.problem().parameter()).contains("allowed_token_ids");
        assertThat(heard.tokenCount()).isZero();
        Heard midway =
                Bench.roomy().run(ask(new OutputFormat.Regex("[ab]{3}x")).allowed(ids("ab")));
        assertThat(midway.problem().parameter()).contains("allowed_token_ids");
        assertThat(midway.tokenCount()).isEqualTo(3);
    }

    @Test
    void allowedTokensAndTheFormatHoldTogether() {
        Heard heard = Bench.roomy().run(ask(DIGITS).allowed(ids("123abc")).maxTokens(20));
        assertThat(Form.text(heard, 0)).matches("[123]{20}");
    }

    @Test
    void badWordsHoldWithinAFormatAndGiveWayToIt() {
        List<Integer> one = List.of(ByteCodec.FIRST_BYTE + '1');
        Heard without =
                Bench.roomy().run(ask(new OutputFormat.Regex("[01]{9}")).badWords(List.of(one)));
        assertThat(Form.text(without, 0)).isEqualTo("000000000");
        Heard with = Bench.roomy().run(ask(new OutputFormat.Regex("1{9}")).badWords(List.of(one)));
        assertThat(Form.text(with, 0)).isEqualTo("111111111");
    }

    @Test
    void aBudgetBelowTheShortestAnswerIsRefusedWithTheNumberNeeded() {
        OutputFormat format = new OutputFormat.Choice(List.of("longest", "short"));
        Heard refused = Bench.roomy().run(ask(format).maxTokens(4));
        assertThat(refused.problem().parameter()).contains("max_tokens");
        assertThat(refused.problem().message()).contains("max_tokens is 4").contains("needs 5");
        Heard fits = Bench.roomy().run(ask(format).maxTokens(5));
        assertThat(Form.text(fits, 0)).isEqualTo("short");
    }

    @Test
    void aFormatThatIsNoneIsRefused() {
        Heard heard = Bench.roomy().run(ask(new OutputFormat.Regex("(")));
        assertThat(heard.problem().parameter()).contains("response_format");
        assertThat(heard.promptDone()).isNull();
    }

    @Test
    void aRunnerThatChoosesAMaskedTokenFailsItsStep() {
        Bench bench = Bench.roomy();
        bench.runner.distort(
                result -> new StepResult(List.of(TokenChoice.bare(7)), result.computeNanos()));
        Heard heard = bench.run(ask(DIGITS));
        assertThat(heard.problem().code()).isEqualTo("engine_failure");
        assertThat(heard.problem().message()).contains("token 7 was masked");
    }

    @Test
    void forcedTokensAreComputedOnceAndFillTheCache() {
        OutputFormat format = new OutputFormat.Regex("0123456789abcdefghijklmnopqrstuvwxyz[AB]");
        Bench bench = Bench.roomy();
        Heard first = bench.run(ask(format).maxTokens(60));
        assertThat(bench.log.steps()).hasSize(1);
        int[] ids = first.tokens(0).stream().mapToInt(GeneratedToken::id).toArray();
        Ask next = new Ask("next", IntStream.concat(prompt(), IntStream.of(ids)).toArray());
        assertThat(bench.run(next).usage().cachedTokens()).isEqualTo(32);
    }

    @Test
    void forcedTokensThatTheCacheHasAreNotCountedAsComputed() {
        OutputFormat format = new OutputFormat.Regex("0123456789abcdefghijklmnopqrstuvwxyz[AB]");
        Bench bench = Bench.roomy();
        Heard first = bench.run(ask(format).maxTokens(60));
        StepRecord cold = bench.log.steps().getLast();
        assertThat(cold.prefillTokens()).isEqualTo(8);
        assertThat(cold.decodeTokens()).isEqualTo(36);
        Ask again = new Ask("again", prompt().toArray()).maxTokens(60).format(format);
        assertThat(bench.run(again).ids(0)).isEqualTo(first.ids(0));
        StepRecord warm = bench.log.steps().getLast();
        assertThat(warm.prefillTokens()).isZero();
        assertThat(warm.decodeTokens()).as("beyond the 32 cached ones").isEqualTo(44 - 32);
    }

    private static SamplingParameters likelyEnd() {
        return new SamplingParameters(1, 1, 0, 0, 0, 0, 1, Map.of(ByteCodec.END, 100f));
    }

    private static Ask ask(OutputFormat format) {
        return new Ask("request", prompt().toArray()).maxTokens(40).format(format);
    }

    private static IntStream prompt() {
        return IntStream.of(Ask.prompt(11, 8));
    }

    private static Integer[] ids(String text) {
        return IntStream.of(ByteCodec.bytes(text)).boxed().toArray(Integer[]::new);
    }
}
