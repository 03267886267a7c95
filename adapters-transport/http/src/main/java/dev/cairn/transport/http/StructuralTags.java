package dev.cairn.transport.http;

import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Structural tags as xgrammar writes them (and vLLM takes them): the older form, {@code structures}
 * and {@code triggers}, and the newer, one {@code format} made of others. What is not held is
 * refused by its name. See <a
 * href="https://xgrammar.mlc.ai/docs/tutorials/structural_tag.html">xgrammar's description</a>.
 */
final class StructuralTags {

    private static final String SERVED =
            "const_string, json_schema, any_text, sequence, or, tag, triggered_tags,"
                    + " tags_with_separator, regex or grammar";

    private StructuralTags() {}

    /**
     * @param tag the object with {@code "type": "structural_tag"}
     */
    static OutputFormat read(Fields tag) {
        String type = tag.text("type").orElse("structural_tag");
        if (!type.equals("structural_tag")) {
            throw tag.invalid("type", "must be \"structural_tag\", got \"" + Echo.of(type) + "\"");
        }
        Optional<Fields> format = tag.child("format");
        if (format.isPresent()) {
            if (tag.has("structures")) {
                throw tag.invalid("structures", "excludes format; send one");
            }
            return format(format.get());
        }
        if (!tag.has("structures")) {
            throw tag.invalid("format", "is required");
        }
        return older(tag);
    }

    private static OutputFormat older(Fields tag) {
        List<OutputFormat.Tag> tags =
                elements(
                        tag,
                        "structures",
                        structure ->
                                new OutputFormat.Tag(
                                        text(structure, "begin"),
                                        new OutputFormat.JsonSchema(schema(structure, "schema")),
                                        text(structure, "end")));
        return new OutputFormat.TriggeredTags(triggers(tag), tags, false, false);
    }

    private static OutputFormat format(Fields format) {
        String type = format.text("type").orElseThrow(() -> format.invalid("type", "is required"));
        refuseExcludes(format);
        return switch (type) {
            case "const_string" -> new OutputFormat.Constant(text(format, "value"));
            case "json_schema" -> jsonSchema(format);
            case "any_text" -> new OutputFormat.AnyText();
            case "sequence" ->
                    new OutputFormat.Sequence(elements(format, "elements", StructuralTags::format));
            case "or" ->
                    new OutputFormat.OneOf(elements(format, "elements", StructuralTags::format));
            case "tag" -> tag(format);
            case "triggered_tags" ->
                    new OutputFormat.TriggeredTags(
                            triggers(format),
                            elements(format, "tags", StructuralTags::tag),
                            format.flag("at_least_one", false),
                            format.flag("stop_after_first", false));
            case "tags_with_separator" ->
                    new OutputFormat.SeparatedTags(
                            elements(format, "tags", StructuralTags::tag),
                            text(format, "separator"),
                            format.flag("at_least_one", false),
                            format.flag("stop_after_first", false));
            case "regex" -> new OutputFormat.Regex(text(format, "pattern"));
            case "grammar" -> new OutputFormat.Ebnf(text(format, "grammar"));
            default ->
                    throw format.invalid(
                            "type", "\"" + Echo.of(type) + "\" is not held; use " + SERVED);
        };
    }

    private static OutputFormat jsonSchema(Fields format) {
        String style = format.text("style").orElse("json");
        if (!style.equals("json")) {
            throw format.invalid("style", "\"" + Echo.of(style) + "\" is not held; use \"json\"");
        }
        return new OutputFormat.JsonSchema(schema(format, "json_schema"));
    }

    private static OutputFormat.Tag tag(Fields tag) {
        refuseExcludes(tag);
        Fields content =
                tag.child("content").orElseThrow(() -> tag.invalid("content", "is required"));
        JsonValue end = tag.value("end").orElseThrow(() -> tag.invalid("end", "is required"));
        return new OutputFormat.Tag(text(tag, "begin"), format(content), end(tag, end));
    }

    private static String end(Fields tag, JsonValue end) {
        return switch (end) {
            case JsonString(String text) -> text;
            case JsonArray(var texts)
                    when texts.size() == 1 && texts.getFirst() instanceof JsonString(String text) ->
                    text;
            case JsonArray(var texts) ->
                    throw tag.invalid("end", "one text is held, got a list of " + texts.size());
            case JsonValue other -> throw tag.wrongType("end", "a string", other);
        };
    }

    private static List<String> triggers(Fields fields) {
        List<String> triggers =
                fields.texts("triggers")
                        .orElseThrow(() -> fields.invalid("triggers", "is required"));
        if (triggers.isEmpty() || triggers.contains("")) {
            throw fields.invalid("triggers", "must have at least one text, and none empty");
        }
        return triggers;
    }

    private static <T> List<T> elements(Fields fields, String name, Function<Fields, T> reader) {
        List<JsonValue> values =
                fields.list(name).orElseThrow(() -> fields.invalid(name, "is required"));
        if (values.isEmpty()) {
            throw fields.invalid(name, "must have at least one element");
        }
        List<T> elements = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            String element = name + "[" + i + "]";
            if (!(values.get(i) instanceof JsonObject object)) {
                throw fields.wrongType(element, "an object", values.get(i));
            }
            elements.add(reader.apply(new Fields(fields.pathOf(element) + ".", object)));
        }
        return elements;
    }

    private static JsonValue schema(Fields fields, String name) {
        JsonValue schema =
                fields.value(name).orElseThrow(() -> fields.invalid(name, "is required"));
        if (!(schema instanceof JsonObject) && !(schema instanceof JsonBoolean)) {
            throw fields.wrongType(name, "a JSON schema", schema);
        }
        return schema;
    }

    private static String text(Fields fields, String name) {
        return fields.text(name).orElseThrow(() -> required(fields, name));
    }

    private static RequestRefused required(Fields fields, String name) {
        return fields.invalid(name, "is required");
    }

    private static void refuseExcludes(Fields fields) {
        if (!fields.list("excludes").orElse(List.of()).isEmpty()) {
            throw fields.invalid("excludes", "is not held; leave it out");
        }
    }
}
