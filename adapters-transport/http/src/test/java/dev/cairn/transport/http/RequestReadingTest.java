package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What requests are understood as, and which are refused before any work. */
class RequestReadingTest {

    @Test
    void whatAClientLeavesOutStaysOpen() {
        GenerationCall call = Requests.chat("{}").call();
        assertThat(call.model()).isEqualTo("tiny");
        assertThat(call.temperature()).isEmpty();
        assertThat(call.maxTokens()).isEmpty();
        assertThat(call.topLogprobs()).isEmpty();
        assertThat(call.choices()).isEqualTo(1);
        assertThat(call.skipSpecialTokens()).isTrue();
        assertThat(call.tenant()).isEmpty();
    }

    @Test
    void nullIsLeftOut() {
        GenerationCall call =
                Requests.chat("{'temperature':null,'stop':null,'tools':null,'n':null}").call();
        assertThat(call.temperature()).isEmpty();
        assertThat(call.stop()).isEmpty();
        assertThat(call.choices()).isEqualTo(1);
    }

    @Test
    void allSamplingFieldsArrive() {
        GenerationCall call =
                Requests.chat(
                                "{'temperature':0.5,'top_p':0.9,'top_k':40,'min_p':0.1,'seed':-9223372036854775808,"
                                        + "'presence_penalty':1,'frequency_penalty':-1,'repetition_penalty':1.1,"
                                        + "'logit_bias':{'17':-100},'allowed_token_ids':[1,2],'bad_words':['x'],"
                                        + "'stop':'END','stop_token_ids':[3],'ignore_eos':true,'min_tokens':2,"
                                        + "'include_stop_str_in_output':true,'skip_special_tokens':false,"
                                        + "'max_tokens':7,'priority':-1,'truncate_prompt_tokens':4,'n':2,"
                                        + "'logprobs':true,'top_logprobs':3,'prompt_logprobs':2}")
                        .call();
        assertThat(call.temperature().getAsDouble()).isEqualTo(0.5);
        assertThat(call.topK().getAsInt()).isEqualTo(40);
        assertThat(call.seed().getAsLong()).isEqualTo(Long.MIN_VALUE);
        assertThat(call.logitBias()).containsEntry(17, -100f);
        assertThat(call.allowedTokenIds()).contains(List.of(1, 2));
        assertThat(call.badWords()).containsExactly("x");
        assertThat(call.stop()).containsExactly("END");
        assertThat(call.stopTokenIds()).containsExactly(3);
        assertThat(call.ignoreEndOfSequence()).isTrue();
        assertThat(call.includeStopString()).isTrue();
        assertThat(call.skipSpecialTokens()).isFalse();
        assertThat(call.maxTokens()).isEqualTo(OptionalInt.of(7));
        assertThat(call.truncatePromptTokens()).isEqualTo(OptionalInt.of(4));
        assertThat(call.topLogprobs()).isEqualTo(OptionalInt.of(3));
        assertThat(call.promptLogprobs()).isEqualTo(OptionalInt.of(2));
        assertThat(call.priority()).isEqualTo(-1);
    }

    @Test
    void maxCompletionTokensWins() {
        assertThat(Requests.chat("{'max_tokens':7,'max_completion_tokens':9}").call().maxTokens())
                .isEqualTo(OptionalInt.of(9));
    }

    @Test
    void completionsHaveOpenAisDefaultBudget() {
        assertThat(Requests.completion("{}").calls().getFirst().maxTokens())
                .isEqualTo(OptionalInt.of(16));
    }

    @Test
    void promptsComeInFourForms() {
        assertThat(prompts("'a'")).containsExactly(new Prompt.Text("a", true));
        assertThat(prompts("['a','b']"))
                .containsExactly(new Prompt.Text("a", true), new Prompt.Text("b", true));
        assertThat(prompts("[1,2]").getFirst())
                .isInstanceOfSatisfying(
                        Prompt.TokenIds.class,
                        prompt -> assertThat(prompt.ids()).containsExactly(1, 2));
        assertThat(prompts("[[1,2],[3]]").get(1))
                .isInstanceOfSatisfying(
                        Prompt.TokenIds.class,
                        prompt -> assertThat(prompt.ids()).containsExactly(3));
    }

    @Test
    void aSaltChangesTheTenantAndCannotNameAnothers() {
        var first = new Caller("k1", TraceContext.NONE);
        var second = new Caller("k2", TraceContext.NONE);
        String salted = Requests.chat("{'cache_salt':'s'}", first).call().tenant();
        assertThat(salted).startsWith("k1:").doesNotEndWith(":s");
        assertThat(Requests.chat("{'cache_salt':'s'}", second).call().tenant())
                .isNotEqualTo(salted);
        assertThat(Requests.chat("{}", first).call().tenant()).isEqualTo("k1");
    }

    @Test
    void aTimeToWaitAndASessionArePartOfTheCall() {
        var hurried = new Caller("k1", "s 1", OptionalLong.of(250), TraceContext.NONE);
        assertThat(Requests.chat("{}", hurried).call().timeoutMillis()).hasValue(250);
        assertThat(Requests.chat("{}", hurried).call().session()).isEqualTo("s 1");
        assertThat(Requests.chat("{}").call().timeoutMillis()).isEmpty();
    }

    @Test
    void toolsThatAreNotCalledReachTheTemplate() {
        var request = Requests.chat("{'tools':[{'type':'function'}],'tool_choice':'none'}");
        assertThat(request.call().prompt())
                .isInstanceOfSatisfying(
                        Prompt.Chat.class,
                        chat -> assertThat(chat.conversation().tools()).hasSize(1));
    }

    @Test
    void fieldsThatNobodyReadsAreKnown() {
        Fields fields = Requests.fields("{'prompt':'a','user':'me','n':1}");
        CompletionRequest.read(
                fields,
                new Caller("", TraceContext.NONE),
                0,
                new ScriptedService().models(),
                Requests.BOUNDS);
        assertThat(fields.unread()).containsExactly("user");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {'stream_options':{}}                                     | stream_options
                    {'response_format':{'type':'json_schema'}}                | response_format.json_schema
                    {'response_format':{'type':'xml'}}                        | response_format.type
                    {'top_logprobs':2}                                        | top_logprobs
                    {'logprobs':true,'top_logprobs':1.5}                      | top_logprobs
                    {'logprobs':true,'top_logprobs':21}                       | top_logprobs
                    {'logprobs':1}                                            | logprobs
                    {'prompt_logprobs':1,'stream':true}                       | prompt_logprobs
                    {'tools':[]}                                              | tools
                    {'tools':[1]}                                             | tools[0]
                    {'tool_choice':'required'}                                | tool_choice
                    {'tool_choice':'auto'}                                    | tool_choice
                    {'tool_choice':'sometimes'}                               | tool_choice
                    {'tools':[{}],'tool_choice':{'type':'allowed_tools'}}     | tool_choice.type
                    {'tools':[{}],'tool_choice':{'function':{}}}              | tool_choice.function.name
                    {'parallel_tool_calls':'no'}                              | parallel_tool_calls
                    {'continue_final_message':true,'add_generation_prompt':true} | continue_final_message
                    {'messages':[]}                                           | messages
                    {'messages':'hi'}                                         | messages
                    {'messages':['hi']}                                       | messages[0]
                    {'messages':[{'content':'hi'}]}                           | messages[0].role
                    {'messages':[{'role':'user','content':5}]}                | messages[0].content
                    {'messages':[{'role':'user','content':[{'type':'image_url'}]}]} | messages[0].content[0].type
                    {'chat_template':'{{ x }}'}                               | chat_template
                    {'chat_template_kwargs':{'chat_template':'x'}}            | chat_template_kwargs.chat_template
                    {'chat_template_kwargs':{'tokenize':true}}                | chat_template_kwargs.tokenize
                    {'n':0}                                                   | n
                    {'n':9}                                                   | n
                    {'n':'two'}                                               | n
                    {'seed':1.5}                                              | seed
                    {'seed':9223372036854775808}                              | seed
                    {'temperature':'hot'}                                     | temperature
                    {'temperature':1e999}                                     | temperature
                    {'max_tokens':3000000000}                                 | max_tokens
                    {'stop':[1]}                                              | stop[0]
                    {'stop_token_ids':['a']}                                  | stop_token_ids[0]
                    {'logit_bias':{'a':1}}                                    | logit_bias.a
                    {'logit_bias':{'1':'x'}}                                  | logit_bias.1
                    {'cache_salt':''}                                         | cache_salt
                    {'stream':'yes'}                                          | stream
                    """)
    void theFieldAtFaultIsNamed(String body, String field) {
        RequestProblem problem = refusedChat(body);
        assertThat(problem.category()).isEqualTo(Category.INVALID);
        assertThat(problem.parameter()).contains(field);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {'thinking_token_budget':5}                               | thinking_token_budget
                    {'functions':[]}                                          | functions
                    {'modalities':['audio']}                                  | modalities
                    """)
    void whatIsNotServedYetSaysSo(String body, String field) {
        RequestProblem problem = refusedChat(body);
        assertThat(problem.category()).isEqualTo(Category.NOT_SERVED);
        assertThat(problem.parameter()).contains(field);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {'prompt':null}             | prompt
                    {'prompt':[]}               | prompt
                    {'prompt':[[]]}             | prompt[0]
                    {'prompt':['a',1]}          | prompt[1]
                    {'prompt':[1,'a']}          | prompt[1]
                    {'prompt':[-1]}             | prompt[0]
                    {'prompt':{}}               | prompt
                    {'logprobs':true}           | logprobs
                    {'logprobs':-1}             | logprobs
                    {'prompt':['a','b'],'n':5}  | n
                    {'suffix':'x'}              | suffix
                    {'best_of':2}               | best_of
                    {'use_beam_search':true,'stream':true}        | stream
                    {'use_beam_search':true,'n':3,'best_of':2}    | best_of
                    {'use_beam_search':true,'best_of':9}          | n
                    {'use_beam_search':1}                         | use_beam_search
                    {'use_beam_search':true,'early_stopping':'never'} | early_stopping
                    {'use_beam_search':true,'length_penalty':'x'} | length_penalty
                    """)
    void aCompletionsFieldAtFaultIsNamed(String body, String field) {
        var refused = catchThrowableOfType(RequestRefused.class, () -> Requests.completion(body));
        assertThat(refused.problem().parameter()).contains(field);
    }

    @Test
    void beamsAreThoseOfVllmAndHuggingFace() {
        assertThat(beams("{'use_beam_search':true,'n':4}")).contains(new BeamSearch(4, 1, false));
        assertThat(
                        beams(
                                "{'use_beam_search':true,'n':2,'best_of':3,'length_penalty':-0.5,"
                                        + "'early_stopping':true}"))
                .contains(new BeamSearch(3, -0.5f, true));
        assertThat(beams("{'use_beam_search':false,'length_penalty':2}")).isEmpty();
        assertThat(Requests.chat("{'use_beam_search':true,'n':2}").call().beams())
                .contains(new BeamSearch(2, 1, false));
    }

    private static Optional<BeamSearch> beams(String body) {
        return Requests.completion(body).calls().getFirst().beams();
    }

    @Test
    void errorsRepeatLittleOfTheInput() {
        RequestProblem problem = refusedChat("{'stop':{'" + "x".repeat(5_000) + "':1},'n':1}");
        assertThat(problem.message()).hasSizeLessThan(200);
        RequestProblem another = refusedChat("{'temperature':'" + "x".repeat(5_000) + "'}");
        assertThat(another.message()).hasSizeLessThan(200);
    }

    private static List<Prompt> prompts(String json) {
        return Requests.completion("{'prompt':" + json + "}").calls().stream()
                .map(GenerationCall::prompt)
                .toList();
    }

    private static RequestProblem refusedChat(String body) {
        return catchThrowableOfType(RequestRefused.class, () -> Requests.chat(body)).problem();
    }
}
