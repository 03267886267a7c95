package dev.cairn.transport.http;

import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.telemetry.TraceContext;

/** Requests from JSON that is written with single quotes. */
final class Requests {

    static final long CREATED = 5;
    static final ChatRequest.Bounds BOUNDS =
            new ChatRequest.Bounds(20, 8, new Conversations(false));

    private static final Caller NOBODY = new Caller("", TraceContext.NONE);

    private Requests() {}

    static Fields fields(String body) {
        return Fields.of((JsonObject) JsonReader.read(body.replace('\'', '"')));
    }

    /** A chat of one message, unless the body has others; its id is {@code "ID"}. */
    static ChatRequest chat(String body) {
        return chat(body, NOBODY);
    }

    static ChatRequest chat(String body, Caller caller) {
        String whole =
                body.contains("'messages'")
                        ? body
                        : with("'messages':[{'role':'user','content':'x'}]", body);
        ChatRequest read =
                ChatRequest.read(
                        fields(whole), caller, CREATED, new ScriptedService().models(), BOUNDS);
        return new ChatRequest(
                head(read.head()),
                read.call(),
                read.streaming(),
                read.logprobs(),
                read.promptLogprobs(),
                read.returnTokenIds(),
                read.logprobFormat(),
                read.includeReasoning(),
                read.echoed());
    }

    /** A completion of {@code "ab"}, unless the body has a prompt; its id is {@code "ID"}. */
    static CompletionRequest completion(String body) {
        String whole = body.contains("'prompt'") ? body : with("'prompt':'ab'", body);
        CompletionRequest read =
                CompletionRequest.read(
                        fields(whole), NOBODY, CREATED, new ScriptedService().models(), BOUNDS);
        return new CompletionRequest(
                head(read.head()),
                read.calls(),
                read.streaming(),
                read.echo(),
                read.promptOnly(),
                read.logprobs(),
                read.promptLogprobs(),
                read.returnTokenIds(),
                read.skipSpecialTokens(),
                read.logprobFormat());
    }

    private static AnswerHead head(AnswerHead read) {
        return new AnswerHead("ID", read.created(), read.model());
    }

    private static String with(String member, String body) {
        return "{" + member + (body.equals("{}") ? "" : ",") + body.substring(1);
    }
}
