package dev.cairn.transport.http;

import dev.cairn.ports.request.AnswerEvent.ToolCallDelta;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** The tool calls of one answer, put together from their pieces. One thread. */
final class MadeCalls {

    private final List<Call> calls = new ArrayList<>();

    boolean isEmpty() {
        return calls.isEmpty();
    }

    void add(ToolCallDelta delta) {
        if (delta.index() == calls.size()) {
            calls.add(new Call(delta.id(), delta.function(), new StringBuilder()));
        }
        calls.get(delta.index()).arguments().append(delta.arguments());
    }

    JsonArray toJson() {
        return JsonValue.array(
                calls.stream()
                        .map(
                                call ->
                                        JsonObject.builder()
                                                .put("id", call.id())
                                                .put("type", "function")
                                                .put(
                                                        "function",
                                                        JsonObject.builder()
                                                                .put("name", call.function())
                                                                .put(
                                                                        "arguments",
                                                                        call.arguments().toString())
                                                                .build())
                                                .build())
                        .toList());
    }

    /** A piece as a stream has it: id, type and name in the first alone. */
    static JsonObject piece(ToolCallDelta delta) {
        var function = JsonObject.builder();
        var piece = JsonObject.builder().put("index", (long) delta.index());
        if (delta.id() != null) {
            piece.put("id", delta.id()).put("type", "function");
            function.put("name", delta.function());
        }
        return piece.put("function", function.put("arguments", delta.arguments()).build()).build();
    }

    private record Call(String id, String function, StringBuilder arguments) {}
}
