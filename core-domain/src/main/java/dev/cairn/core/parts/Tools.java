package dev.cairn.core.parts;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonNull;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The tools that a conversation offers, validated. */
final class Tools {

    private static final int MOST = 512;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,64}");

    /** A function that takes nothing. */
    private static final JsonObject NO_PARAMETERS =
            (JsonObject)
                    JsonReader.read(
                            """
                            {"type": "object", "properties": {}, "additionalProperties": false}
                            """);

    private Tools() {}

    /**
     * @param parameters JSON Schema of an object
     */
    record Tool(String name, JsonValue parameters) {}

    /**
     * @param tools as OpenAI's field has them
     * @throws RequestRefused naming the tool's field
     */
    static List<Tool> read(List<JsonValue> tools) {
        if (tools.size() > MOST) {
            throw refused("tools", "must have at most " + MOST + " tools, got " + tools.size());
        }
        List<Tool> read = new ArrayList<>(tools.size());
        Set<String> names = new HashSet<>();
        for (int i = 0; i < tools.size(); i++) {
            Tool tool = read("tools[" + i + "]", tools.get(i));
            if (!names.add(tool.name())) {
                throw refused(
                        "tools[" + i + "].function.name",
                        "\"" + tool.name() + "\" is the name of another tool, too");
            }
            read.add(tool);
        }
        return read;
    }

    /** The field of the tool's schema. */
    static String schemaField(int index) {
        return "tools[" + index + "].function.parameters";
    }

    static RequestRefused refused(String field, String message) {
        return new RequestRefused(RequestProblem.invalid(field, field + ": " + message));
    }

    private static Tool read(String path, JsonValue tool) {
        if (!(tool instanceof JsonObject object)) {
            throw refused(path, "must be an object");
        }
        if (object.member("type") != null
                && !new JsonString("function").equals(object.member("type"))) {
            throw refused(path + ".type", "must be \"function\"; no other tools are served");
        }
        if (!(object.member("function") instanceof JsonObject function)) {
            throw refused(path + ".function", "is required");
        }
        if (!(function.member("name") instanceof JsonString(String name))) {
            throw refused(path + ".function.name", "is required");
        }
        if (!NAME.matcher(name).matches()) {
            throw refused(
                    path + ".function.name", "must be 1 to 64 letters, digits, _, - or points");
        }
        return new Tool(
                name, parameters(path + ".function.parameters", function.member("parameters")));
    }

    private static JsonValue parameters(String path, JsonValue schema) {
        return switch (schema) {
            case null -> NO_PARAMETERS;
            case JsonNull _ -> NO_PARAMETERS;
            case JsonObject object when object.member("type") == null -> ofObjects(object);
            case JsonObject object when new JsonString("object").equals(object.member("type")) ->
                    object;
            case JsonObject _ ->
                    throw refused(path + ".type", "must be \"object\": arguments are named");
            case JsonValue _ -> throw refused(path, "must be a JSON Schema object");
        };
    }

    /** Clients read arguments as objects, so a schema that says nothing of types means these. */
    private static JsonObject ofObjects(JsonObject schema) {
        var builder = JsonObject.builder().put("type", "object");
        for (Map.Entry<String, JsonValue> member : schema.members().entrySet()) {
            builder.put(member.getKey(), member.getValue());
        }
        return builder.build();
    }
}
