package dev.cairn.transport.http;

import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads OpenAI's four ways to write prompts: a string, a list of strings, a list of token ids, a
 * list of those.
 */
final class Prompts {

    private Prompts() {}

    /**
     * @param addSpecialTokens for prompts in text
     */
    static List<Prompt> read(Fields fields, String name, boolean addSpecialTokens) {
        JsonValue value = fields.value(name).orElseThrow(() -> fields.invalid(name, "is required"));
        return switch (value) {
            case JsonString(String text) -> List.of(new Prompt.Text(text, addSpecialTokens));
            case JsonArray(var values) when values.isEmpty() ->
                    throw fields.invalid(name, "must have at least one prompt");
            case JsonArray(var values) when values.getFirst() instanceof JsonNumber ->
                    List.of(new Prompt.TokenIds(fields.tokenIds(name, values)));
            case JsonArray(var values) -> several(fields, name, values, addSpecialTokens);
            case JsonValue other ->
                    throw fields.wrongType(
                            name, "a string, a list of token ids, or a list of those", other);
        };
    }

    private static List<Prompt> several(
            Fields fields, String name, List<JsonValue> values, boolean addSpecialTokens) {
        boolean texts = values.getFirst() instanceof JsonString;
        List<Prompt> prompts = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            String at = name + "[" + i + "]";
            prompts.add(
                    switch (values.get(i)) {
                        case JsonString(String text) when texts ->
                                new Prompt.Text(text, addSpecialTokens);
                        case JsonArray(var ids) when !texts && !ids.isEmpty() ->
                                new Prompt.TokenIds(fields.tokenIds(at, ids));
                        case JsonArray(var ids) when ids.isEmpty() ->
                                throw fields.invalid(at, "must have at least one token");
                        case JsonValue other ->
                                throw fields.wrongType(
                                        at, texts ? "a string" : "a list of token ids", other);
                    });
        }
        return prompts;
    }
}
