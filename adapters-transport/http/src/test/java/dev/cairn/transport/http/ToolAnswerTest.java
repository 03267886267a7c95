package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.AnswerEvent.ToolCallDelta;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.ToolChoice;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How tool calls and thoughts read to a client. */
class ToolAnswerTest {

    private static final List<AnswerEvent.Delta> CALLING =
            List.of(
                    new AnswerEvent.Delta(0, "", "hm", List.of(), List.of()),
                    new AnswerEvent.Delta(
                            0,
                            "",
                            "",
                            List.of(
                                    new ToolCallDelta(0, "call_a", "f", ""),
                                    new ToolCallDelta(0, null, null, "{\"x\":")),
                            List.of()),
                    new AnswerEvent.Delta(
                            0,
                            "",
                            "",
                            List.of(
                                    new ToolCallDelta(0, null, null, "1}"),
                                    new ToolCallDelta(1, "call_b", "g", ""),
                                    new ToolCallDelta(1, null, null, "{}")),
                            List.of()));

    @Test
    void aStreamHasIdAndNameFirstAndOneCallToAChunk() {
        assertThat(deltas("{'stream':true}"))
                .containsExactly(
                        json("{'reasoning':'hm','reasoning_content':'hm'}"),
                        json(
                                "{'tool_calls':[{'index':0,'id':'call_a','type':'function',"
                                        + "'function':{'name':'f','arguments':''}}]}"),
                        json("{'tool_calls':[{'index':0,'function':{'arguments':'{\\'x\\':'}}]}"),
                        json("{'tool_calls':[{'index':0,'function':{'arguments':'1}'}}]}"),
                        json(
                                "{'tool_calls':[{'index':1,'id':'call_b','type':'function',"
                                        + "'function':{'name':'g','arguments':''}}]}"),
                        json("{'tool_calls':[{'index':1,'function':{'arguments':'{}'}}]}"));
    }

    @Test
    void aWholeAnswerHasNullContentAndTheSameCalls() {
        assertThat(message("{}"))
                .contains(
                        json("'content':null"),
                        json("'reasoning':'hm','reasoning_content':'hm'"),
                        json(
                                "'tool_calls':[{'id':'call_a','type':'function','function':{'name':'f',"
                                        + "'arguments':'{\\'x\\':1}'}},{'id':'call_b','type':'function',"
                                        + "'function':{'name':'g','arguments':'{}'}}]"),
                        json("'finish_reason':'tool_calls'"));
    }

    @Test
    void thoughtsCanBeLeftOut() {
        assertThat(message("{'include_reasoning':false}")).doesNotContain("reasoning\"");
        assertThat(deltas("{'stream':true,'include_reasoning':false}").getFirst())
                .contains("call_a");
    }

    @Test
    void toolsMayBeCalledUnlessTheRequestSaysOtherwise() {
        String tools = "'tools':[{'type':'function','function':{'name':'f'}}]";
        assertThat(choice("{" + tools + "}")).isEqualTo(new ToolChoice.Auto());
        assertThat(choice("{" + tools + ",'tool_choice':'none'}")).isEqualTo(new ToolChoice.None());
        assertThat(choice("{" + tools + ",'tool_choice':'required'}"))
                .isEqualTo(new ToolChoice.Required());
        assertThat(
                        choice(
                                "{"
                                        + tools
                                        + ",'tool_choice':{'type':'function','function':{'name':'f'}}}"))
                .isEqualTo(new ToolChoice.Named("f"));
        assertThat(choice("{}")).isEqualTo(new ToolChoice.None());
    }

    private static ToolChoice choice(String body) {
        return Requests.chat(body).call().shape().toolChoice();
    }

    private static List<String> deltas(String body) {
        var chunks = new ChatChunks(Requests.chat(body));
        List<String> deltas = new ArrayList<>();
        for (AnswerEvent.Delta delta : CALLING) {
            chunks.delta(0, delta).stream()
                    .map(JsonWriter::write)
                    .map(
                            chunk ->
                                    chunk.substring(
                                            chunk.indexOf("\"delta\":") + 8,
                                            chunk.indexOf(",\"logprobs\"")))
                    .forEach(deltas::add);
        }
        return deltas;
    }

    private static String message(String body) {
        var answer = new ChatAnswer(Requests.chat(body));
        answer.started(0, new AnswerEvent.Started(new int[] {1}, 0, List.of()));
        CALLING.forEach(delta -> answer.delta(0, delta));
        answer.choiceEnded(
                0,
                new AnswerEvent.ChoiceEnded(
                        0, FinishReason.TOOL_CALLS, new StopCause.EndOfSequence()));
        return JsonWriter.write(answer.ended(new Usage(1, 2, 0, 1)).getFirst());
    }

    /** Quotes within strings are written as \' and become \". */
    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
