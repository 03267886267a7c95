package dev.cairn.core.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A request that cannot be served is refused before any work, naming the field and the value. */
class RefusalTest {

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong(
                        "temperature",
                        "temperature must be at least 0, got -0.5",
                        c().temperature(-0.5)),
                wrong("temperature", "got NaN", c().temperature(Double.NaN)),
                wrong("temperature", "got 1.0E300", c().temperature(1e300)),
                wrong("top_p", "top_p must be above 0 and at most 1, got 0", c().topP(0)),
                wrong("top_p", "got -1", c().topP(-1)),
                wrong("top_p", "got 1.5", c().topP(1.5)),
                wrong("top_k", "top_k must be -1 or 0 (off) or at least 1, got -2", c().topK(-2)),
                wrong("min_p", "min_p must be from 0 to 1, got 1.1", c().minP(1.1)),
                wrong("presence_penalty", "from -2 to 2, got 2.5", c().presence(2.5)),
                wrong("frequency_penalty", "from -2 to 2, got -3", c().frequency(-3)),
                wrong("repetition_penalty", "be above 0, got 0", c().repetition(0)),
                wrong("n", "n must be from 1 to 128, got 0", c().choices(0)),
                wrong("n", "got 129", c().choices(129)),
                wrong("max_tokens", "max_tokens must be at least 1, got 0", c().maxTokens(0)),
                wrong("min_tokens", "at most max_tokens, which is 20, got 21", c().minTokens(21)),
                wrong("min_tokens", "at least 0, got -1", c().minTokens(-1)),
                wrong(
                        "logit_bias",
                        "token 300, but the vocabulary has the ids 0 to 299",
                        c().bias(300, 1)),
                wrong("logit_bias", "names the token -1", c().bias(-1, 1)),
                wrong("logit_bias", "from -100 to 100, got 101", c().bias(5, 101)),
                wrong("allowed_token_ids", "at least one token", c().allowed()),
                wrong("allowed_token_ids", "names the token 300", c().allowed(1, 300)),
                wrong("stop_token_ids", "names the token 999", c().stopIds(999)),
                wrong("stop", "no empty string", c().stop("a", "")),
                wrong("stop", "at most 64 strings, got 65", c().stop(Collections.nCopies(65, "x"))),
                wrong("stop", "at most 4096 characters, got 5000", c().stop("x".repeat(5000))),
                wrong("bad_words", "no empty entry", c().badWords(" ")),
                wrong("logprobs", "from 0 to 20, got 21", c().logprobs(21)),
                wrong("logprobs", "got -1", c().logprobs(-1)),
                wrong(
                        "top_logprobs",
                        "got 21",
                        c().prompt(Call.chat(false)).maxTokens(1).logprobs(21)),
                wrong("prompt_logprobs", "from 0 to 20, got 50", c().promptLogprobs(50)),
                wrong("prompt", "prompt must have at least one token", c().prompt(text(""))),
                wrong("prompt", "names the token 300", c().ids(5, 300)),
                wrong("prompt", "names the token -7", c().ids(-7)),
                wrong("truncate_prompt_tokens", "from 1 to 100, got 0", c().truncate(0)),
                wrong("truncate_prompt_tokens", "got 101", c().truncate(101)),
                wrong("best_of", "from 1 to 128, got 129", c().beams(129, 1)),
                wrong("best_of", "from 3 to 128, got 2", c().choices(3).beams(2, 1)),
                wrong("length_penalty", "got NaN", c().beams(2, Float.NaN)),
                wrong("length_penalty", "from -100 to 100, got 101", c().beams(2, 101)),
                wrong("stop", "use stop_token_ids", c().beams(2, 1).stop("a")),
                wrong("bad_words", "use_beam_search", c().beams(2, 1).badWords("a")),
                wrong("allowed_token_ids", "use_beam_search", c().beams(2, 1).allowed(1)),
                wrong("logit_bias", "use_beam_search", c().beams(2, 1).bias(1, 1)),
                wrong("presence_penalty", "use_beam_search", c().beams(2, 1).presence(1)),
                wrong("frequency_penalty", "use_beam_search", c().beams(2, 1).frequency(1)),
                wrong("repetition_penalty", "use_beam_search", c().beams(2, 1).repetition(2)),
                wrong("model", "does not generate text: it embeds text", c().model("vectors")));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void wrongValuesAreNamed(String field, String message, Call call) {
        World world = new World();
        RequestProblem problem = refusal(world, call);
        assertThat(problem.category()).isEqualTo(Category.INVALID);
        assertThat(problem.parameter()).contains(field);
        assertThat(problem.message()).startsWith(field.equals("model") ? "the model" : field);
        assertThat(problem.message()).contains(message);
        assertThat(world.events).isEmpty();
        assertThat(world.inference.liveRequests()).isZero();
    }

    @Test
    void anUnknownModelIsNotFound() {
        RequestProblem problem = refusal(new World(), new Call().model("x".repeat(5000)));
        assertThat(problem.category()).isEqualTo(Category.NOT_FOUND);
        assertThat(problem.code()).isEqualTo("model_not_found");
        assertThat(problem.parameter()).contains("model");
        assertThat(problem.message()).hasSizeLessThan(200);
    }

    @Test
    void aPromptThatIsTooLongIsToldTheLengthAndTheCounts() {
        RequestProblem problem =
                refusal(new World(), new Call().prompt(text("x".repeat(100))).restOfContext());
        assertThat(problem.code()).isEqualTo("context_length_exceeded");
        assertThat(problem.parameter()).contains("prompt");
        assertThat(problem.message())
                .isEqualTo(
                        "this model's maximum context length is 100 tokens, but prompt has 100 and"
                                + " the answer needs at least 1; shorten it");
    }

    @Test
    void aTextThatIsMuchTooLongIsRefusedByItsBeginning() {
        List<Integer> encoded = new ArrayList<>();
        ByteCodec codec =
                new ByteCodec(false) {
                    @Override
                    public int[] encode(String text, boolean addSpecialTokens) {
                        encoded.add(text.length());
                        return super.encode(text, addSpecialTokens);
                    }
                };
        // The last character that is looked at would be half of a pair.
        String text = "x".repeat(1599) + "\uD83D\uDE00" + "x".repeat(1_000_000);
        RequestProblem problem =
                refusal(
                        new World(codec, GenerationDefaults.none()),
                        new Call().prompt(text(text)).restOfContext());
        assertThat(problem.code()).isEqualTo("context_length_exceeded");
        assertThat(problem.parameter()).contains("prompt");
        assertThat(problem.message())
                .isEqualTo(
                        "this model's maximum context length is 100 tokens, but prompt has more:"
                                + " its first 1599 characters alone have 1599; shorten it");
        assertThat(encoded).contains(1599).allMatch(length -> length <= 1599);
    }

    @Test
    void aPromptAndAnAnswerThatAreTooLongTogetherAreToldSo() {
        RequestProblem problem =
                refusal(new World(), new Call().prompt(text("x".repeat(90))).maxTokens(11));
        assertThat(problem.code()).isEqualTo("context_length_exceeded");
        assertThat(problem.message())
                .contains("101 were asked for (90 in prompt, 11 by max_tokens)");
        assertThat(
                        new World()
                                .asked(new Call().prompt(text("x".repeat(90))).maxTokens(10))
                                .prompt())
                .hasSize(90);
    }

    @Test
    void anAnswerCannotOverflowTheCount() {
        RequestProblem problem = refusal(new World(), new Call().maxTokens(Integer.MAX_VALUE));
        assertThat(problem.message()).contains("2147483652 were asked for");
    }

    @Test
    void whatTheTemplateRefusesIsTheClientsError() {
        Prompt.Chat empty =
                new Prompt.Chat(
                        new TextCodec.Conversation(
                                List.of(),
                                List.of(),
                                true,
                                false,
                                new JsonValue.JsonObject(Map.of()),
                                Optional.empty()),
                        false);
        RequestProblem problem = refusal(new World(), new Call().prompt(empty));
        assertThat(problem.parameter()).contains("messages");
        assertThat(problem.message()).isEqualTo("a conversation needs a message");
    }

    @Test
    void whileDrainingNothingNewIsTaken() {
        World world = new World();
        assertThat(world.inference.unreadyBecause()).isEmpty();
        world.inference.drain();
        assertThat(refusal(world, new Call()).category()).isEqualTo(Category.UNAVAILABLE);
        assertThat(world.inference.unreadyBecause()).contains("the server is shutting down");
    }

    private static RequestProblem refusal(World world, Call call) {
        RequestProblem[] problem = new RequestProblem[1];
        assertThatExceptionOfType(RequestRefused.class)
                .isThrownBy(() -> world.inference.generate(call.call(), world.events::add))
                .satisfies(refused -> problem[0] = refused.problem());
        return problem[0];
    }

    private static Arguments wrong(String field, String message, Call call) {
        return Arguments.of(field, message, call);
    }

    private static Call c() {
        return new Call();
    }

    private static Prompt text(String text) {
        return new Prompt.Text(text, false);
    }
}
