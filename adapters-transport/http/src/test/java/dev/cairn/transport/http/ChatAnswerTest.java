package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** The form of chat answers, to the byte. */
class ChatAnswerTest {

    private static final Usage USAGE = new Usage(3, 2, 1, 0);

    @Test
    void aStreamHasRoleDeltasAnEmptyLastDeltaAndNoUsageUnlessAsked() {
        assertThat(chunks("{'stream':true}"))
                .containsExactly(
                        chunk(
                                "{'index':0,'delta':{'role':'assistant','content':''},"
                                        + "'logprobs':null,'finish_reason':null}"),
                        chunk(
                                "{'index':0,'delta':{'content':'h'},"
                                        + "'logprobs':null,'finish_reason':null}"),
                        chunk(
                                "{'index':0,'delta':{'content':'é'},"
                                        + "'logprobs':null,'finish_reason':null}"),
                        chunk(
                                "{'index':0,'delta':{},'logprobs':null,'finish_reason':'stop',"
                                        + "'stop_reason':null}"));
    }

    @Test
    void withIncludeUsageEveryChunkSaysNullAndTheLastHasNoChoices() {
        List<String> chunks = chunks("{'stream':true,'stream_options':{'include_usage':true}}");
        assertThat(chunks.subList(0, 4)).allMatch(chunk -> chunk.endsWith("],\"usage\":null}"));
        assertThat(chunks.getLast())
                .isEqualTo(
                        json(
                                "{'id':'ID','object':'chat.completion.chunk','created':5,'model':'tiny',"
                                        + "'choices':[],'usage':{'prompt_tokens':3,"
                                        + "'completion_tokens':2,'total_tokens':5,"
                                        + "'prompt_tokens_details':{'cached_tokens':1},"
                                        + "'completion_tokens_details':{'reasoning_tokens':0}}}"));
    }

    @Test
    void continuousUsageCountsUpOnEveryChunk() {
        List<String> chunks =
                chunks(
                        "{'stream':true,'stream_options':"
                                + "{'include_usage':true,'continuous_usage_stats':true}}");
        assertThat(chunks.subList(0, 4))
                .extracting(chunk -> chunk.replaceAll(".*\"total_tokens\":(\\d+).*", "$1"))
                .containsExactly("3", "4", "6", "6");
    }

    @Test
    void heldBackTextIsNotSentUnlessItsTokensAreAskedFor() {
        assertThat(deltaChunks("{'stream':true}", "")).isEmpty();
        assertThat(deltaChunks("{'stream':true,'return_token_ids':true}", ""))
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains("\"delta\":{\"content\":\"\"}", "\"token_ids\":[]");
    }

    @Test
    void aWholeAnswerHasItsChoicesInOrder() {
        assertThat(whole("{}", "stop"))
                .isEqualTo(
                        json(
                                "{'id':'ID','object':'chat.completion','created':5,'model':'tiny',"
                                        + "'choices':[{'index':0,'message':{'role':'assistant',"
                                        + "'content':'hé','refusal':null},'logprobs':null,"
                                        + "'finish_reason':'stop','stop_reason':'stop'}],"
                                        + "'usage':{'prompt_tokens':3,'completion_tokens':2,"
                                        + "'total_tokens':5,'prompt_tokens_details':"
                                        + "{'cached_tokens':1},'completion_tokens_details':"
                                        + "{'reasoning_tokens':0}}}"));
    }

    @Test
    void logprobsHaveTokenBytesAndTheLikeliest() {
        TokenReport token =
                ScriptedService.token(
                        104,
                        -0.25f,
                        ScriptedService.token(104, -0.25f),
                        ScriptedService.token(105, Float.NEGATIVE_INFINITY));
        assertThat(JsonWriter.write(new LogprobFormat(false).chat(List.of(token))))
                .isEqualTo(
                        json(
                                "{'content':[{'token':'h','logprob':-0.25,'bytes':[104],'top_logprobs':"
                                        + "[{'token':'h','logprob':-0.25,'bytes':[104]},"
                                        + "{'token':'i','logprob':-9999.0,'bytes':[105]}]}]}"));
        assertThat(JsonWriter.write(new LogprobFormat(true).chat(List.of(token))))
                .contains("\"token\":\"token_id:104\"", "\"token\":\"token_id:105\"");
    }

    @Test
    void promptLogprobsAreAMapPerPositionAfterANull() {
        List<TokenReport> prompt = new ArrayList<>();
        prompt.add(null);
        prompt.add(
                new TokenReport(
                        104,
                        "h",
                        new byte[] {104},
                        -2f,
                        7,
                        List.of(ScriptedService.token(105, -1f))));
        assertThat(JsonWriter.write(new LogprobFormat(false).prompt(prompt, 1)))
                .isEqualTo(
                        json(
                                "[null,{'104':{'logprob':-2.0,'rank':7,'decoded_token':'h'},"
                                        + "'105':{'logprob':-1.0,'rank':1,'decoded_token':'i'}}]"));
    }

    @Test
    void echoBeginsWithTheLastAnswer() {
        String messages =
                "'messages':[{'role':'user','content':'x'},{'role':'assistant','content':'Oh, '}],"
                        + "'echo':true,'continue_final_message':true";
        assertThat(whole("{" + messages + "}", null)).contains("\"content\":\"Oh, hé\"");
        assertThat(chunks("{'stream':true," + messages + "}").get(1))
                .contains("\"delta\":{\"content\":\"Oh, \"}");
    }

    private static String whole(String body, String stopString) {
        var request = Requests.chat(body);
        var renderer = new ChatAnswer(request);
        play(renderer, stopString);
        return JsonWriter.write(renderer.ended(USAGE).getFirst());
    }

    private static List<String> chunks(String body) {
        var renderer = new ChatChunks(Requests.chat(body));
        List<JsonObject> chunks = play(renderer, null);
        chunks.addAll(renderer.ended(USAGE));
        return chunks.stream().map(JsonWriter::write).toList();
    }

    private static List<String> deltaChunks(String body, String text) {
        return new ChatChunks(Requests.chat(body))
                .delta(0, new AnswerEvent.Delta(0, text, ScriptedService.tokens(text))).stream()
                        .map(JsonWriter::write)
                        .toList();
    }

    private static List<JsonObject> play(AnswerRenderer renderer, String stopString) {
        List<JsonObject> chunks = new ArrayList<>();
        chunks.addAll(
                renderer.started(0, new AnswerEvent.Started(new int[] {1, 2, 3}, 1, List.of())));
        for (String text : List.of("h", "é")) {
            chunks.addAll(
                    renderer.delta(
                            0, new AnswerEvent.Delta(0, text, ScriptedService.tokens(text))));
        }
        chunks.addAll(
                renderer.choiceEnded(
                        0,
                        new AnswerEvent.ChoiceEnded(
                                0,
                                FinishReason.STOP,
                                stopString == null
                                        ? new StopCause.EndOfSequence()
                                        : new StopCause.StopString(stopString))));
        return chunks;
    }

    private static String chunk(String choice) {
        return json(
                "{'id':'ID','object':'chat.completion.chunk','created':5,'model':'tiny','choices':["
                        + choice
                        + "]}");
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
