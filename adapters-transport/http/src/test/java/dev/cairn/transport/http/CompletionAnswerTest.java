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
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The form of completions, to the byte. */
class CompletionAnswerTest {

    private static final String USAGE =
            "'usage':{'prompt_tokens':3,'completion_tokens':2,'total_tokens':5,"
                    + "'prompt_tokens_details':{'cached_tokens':0},"
                    + "'completion_tokens_details':{'reasoning_tokens':0}}";

    @Test
    void aWholeAnswer() {
        assertThat(whole("{}"))
                .isEqualTo(
                        body(
                                "{'index':0,'text':'hi','logprobs':null,'finish_reason':'length',"
                                        + "'stop_reason':null}"));
    }

    @Test
    void logprobsAreFourListsAndTheChosenTokenIsAmongTheLikeliest() {
        assertThat(whole("{'logprobs':1}"))
                .isEqualTo(
                        body(
                                "{'index':0,'text':'hi','logprobs':{'tokens':['h','i'],"
                                        + "'token_logprobs':[-0.5,-0.5],"
                                        + "'top_logprobs':[{'h':-0.5},{'i':-0.5}],"
                                        + "'text_offset':[0,1]},"
                                        + "'finish_reason':'length','stop_reason':null}"));
    }

    @Test
    void anEchoedPromptComesFirstWithNullForItsFirstToken() {
        assertThat(whole("{'logprobs':1,'echo':true}"))
                .isEqualTo(
                        body(
                                "{'index':0,'text':'abhi','logprobs':{'tokens':['<s>','a','b','h','i'],"
                                        + "'token_logprobs':[null,-1.0,-1.0,-0.5,-0.5],"
                                        + "'top_logprobs':[null,{'a':-1.0},{'b':-1.0},{'h':-0.5},{'i':-0.5}],"
                                        + "'text_offset':[0,3,4,5,6]},"
                                        + "'finish_reason':'length','stop_reason':null}"));
    }

    @Test
    void aPromptAloneIsEchoedWithoutTheTokenThatHadToBeMade() {
        String body = whole("{'echo':true,'max_tokens':0}");
        assertThat(body)
                .contains("\"text\":\"ab\"", "\"finish_reason\":\"length\"")
                .contains("\"completion_tokens\":0,\"total_tokens\":3");
    }

    @Test
    void idsAreReturnedWithTheChoice() {
        assertThat(
                        whole(
                                "{'return_token_ids':true,'return_tokens_as_token_ids':true,'logprobs':0}"))
                .contains("\"token_ids\":[104,105],\"prompt_token_ids\":[256,97,98]")
                .contains("\"tokens\":[\"token_id:104\",\"token_id:105\"]");
    }

    @Test
    void promptLogprobsAreTheChoices() {
        assertThat(whole("{'prompt_logprobs':0}"))
                .contains(
                        json(
                                "'prompt_logprobs':[null,{'97':{'logprob':-1.0,'rank':1,"
                                        + "'decoded_token':'a'}},{'98':{'logprob':-1.0,'rank':1,"
                                        + "'decoded_token':'b'}}]"));
    }

    @Test
    void aPromptOfIdsIsEchoedAsTextWithoutSpecialTokens() {
        assertThat(whole("{'echo':true,'prompt':[256,97,98]}")).contains("\"text\":\"abhi\"");
        assertThat(whole("{'echo':true,'prompt':[256,97,98],'skip_special_tokens':false}"))
                .contains("\"text\":\"<s>abhi\"");
    }

    @Test
    void aStreamHasDeltasAndAnEmptyLastText() {
        assertThat(chunks("{'stream':true}"))
                .containsExactly(
                        chunk(
                                "{'index':0,'text':'h','logprobs':null,'finish_reason':null,'stop_reason':null}"),
                        chunk(
                                "{'index':0,'text':'i','logprobs':null,'finish_reason':null,'stop_reason':null}"),
                        chunk(
                                "{'index':0,'text':'','logprobs':null,'finish_reason':'length','stop_reason':null}"));
    }

    @Test
    void offsetsGoOnFromChunkToChunk() {
        assertThat(chunks("{'stream':true,'logprobs':0,'echo':true}"))
                .extracting(chunk -> chunk.replaceAll(".*\"text_offset\":\\[([0-9,]*)].*", "$1"))
                .startsWith("0,3,4", "5", "6");
    }

    @Test
    void choicesAreNumberedPromptByPrompt() {
        var request = Requests.completion("{'prompt':['a','b'],'n':2}");
        assertThat(request.calls()).hasSize(2);
        assertThat(request.calls()).extracting(call -> call.id()).doesNotHaveDuplicates();
        assertThat(request.index(1, 1)).isEqualTo(3);
    }

    private static String whole(String body) {
        var request = Requests.completion(body);
        var renderer = new CompletionAnswer(request, choices(request));
        play(renderer, request);
        return JsonWriter.write(renderer.ended(new Usage(3, 2, 0, 0)).getFirst());
    }

    private static List<String> chunks(String body) {
        var request = Requests.completion(body);
        var renderer = new CompletionChunks(request, choices(request));
        List<JsonObject> chunks = play(renderer, request);
        chunks.addAll(renderer.ended(new Usage(3, 2, 0, 0)));
        return chunks.stream().map(JsonWriter::write).toList();
    }

    private static CompletionChoices choices(CompletionRequest request) {
        return new CompletionChoices(request, () -> Optional.of(new ScriptedService.ByteCodec()));
    }

    private static List<JsonObject> play(AnswerRenderer renderer, CompletionRequest request) {
        int[] ids = ScriptedService.promptIds(request.calls().getFirst().prompt());
        List<TokenReport> prompt = new ArrayList<>();
        if (request.calls().getFirst().promptLogprobs().isPresent()) {
            prompt.add(null);
            for (int i = 1; i < ids.length; i++) {
                prompt.add(ScriptedService.token(ids[i], -1f));
            }
        }
        List<JsonObject> chunks = new ArrayList<>();
        chunks.addAll(renderer.started(0, new AnswerEvent.Started(ids, 0, prompt)));
        for (String text : List.of("h", "i")) {
            chunks.addAll(
                    renderer.delta(
                            0, new AnswerEvent.Delta(0, text, ScriptedService.tokens(text))));
        }
        chunks.addAll(
                renderer.choiceEnded(
                        0,
                        new AnswerEvent.ChoiceEnded(
                                0, FinishReason.LENGTH, new StopCause.Budget())));
        return chunks;
    }

    private static String body(String choice) {
        return json(
                "{'id':'ID','object':'text_completion','created':5,'model':'tiny','choices':["
                        + choice
                        + "],"
                        + USAGE
                        + "}");
    }

    private static String chunk(String choice) {
        return json(
                "{'id':'ID','object':'text_completion','created':5,'model':'tiny','choices':["
                        + choice
                        + "]}");
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
