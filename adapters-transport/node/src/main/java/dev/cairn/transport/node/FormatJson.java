package dev.cairn.transport.node;

import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Output formats as JSON: {@code "type"} says which, its parts are members of the same object. */
final class FormatJson {

    private FormatJson() {}

    static JsonObject write(OutputFormat format) {
        JsonValue.Builder object = JsonObject.builder();
        return switch (format) {
            case OutputFormat.AnyText() -> object.put("type", "any_text").build();
            case OutputFormat.Constant(String text) ->
                    object.put("type", "constant").put("text", text).build();
            case OutputFormat.JsonSchema(JsonValue schema) ->
                    object.put("type", "json_schema").put("schema", schema).build();
            case OutputFormat.JsonObject() -> object.put("type", "json_object").build();
            case OutputFormat.Regex(String pattern) ->
                    object.put("type", "regex").put("pattern", pattern).build();
            case OutputFormat.Choice(List<String> texts) ->
                    object.put("type", "choice").put("texts", Members.texts(texts)).build();
            case OutputFormat.Ebnf(String grammar) ->
                    object.put("type", "ebnf").put("grammar", grammar).build();
            case OutputFormat.Sequence(List<OutputFormat> parts) ->
                    object.put("type", "sequence").put("parts", all(parts)).build();
            case OutputFormat.OneOf(List<OutputFormat> parts) ->
                    object.put("type", "one_of").put("parts", all(parts)).build();
            case OutputFormat.Tag tag -> tag(tag);
            case OutputFormat.TriggeredTags tags ->
                    object.put("type", "triggered_tags")
                            .put("triggers", Members.texts(tags.triggers()))
                            .put("tags", all(tags.tags()))
                            .put("at_least_one", tags.atLeastOne())
                            .put("stop_after_first", tags.stopAfterFirst())
                            .build();
            case OutputFormat.SeparatedTags tags ->
                    object.put("type", "separated_tags")
                            .put("tags", all(tags.tags()))
                            .put("separator", tags.separator())
                            .put("at_least_one", tags.atLeastOne())
                            .put("stop_after_first", tags.stopAfterFirst())
                            .build();
        };
    }

    private static JsonObject tag(OutputFormat.Tag tag) {
        return JsonObject.builder()
                .put("type", "tag")
                .put("begin", tag.begin())
                .put("content", write(tag.content()))
                .put("end", tag.end())
                .build();
    }

    private static JsonValue all(List<? extends OutputFormat> formats) {
        return JsonValue.array(formats.stream().map(FormatJson::write).toList());
    }

    /** A format that is not known is refused, not ignored: the answer would be another one. */
    static OutputFormat read(JsonValue value) throws ProtocolException {
        Members format = Members.of(value, "a format");
        String type = format.text("type", "");
        return switch (type) {
            case "any_text" -> new OutputFormat.AnyText();
            case "constant" -> new OutputFormat.Constant(format.text("text", ""));
            case "json_schema" -> new OutputFormat.JsonSchema(schema(format));
            case "json_object" -> new OutputFormat.JsonObject();
            case "regex" -> new OutputFormat.Regex(format.text("pattern", ""));
            case "choice" -> new OutputFormat.Choice(format.texts("texts"));
            case "ebnf" -> new OutputFormat.Ebnf(format.text("grammar", ""));
            case "sequence" -> new OutputFormat.Sequence(parts(format));
            case "one_of" -> new OutputFormat.OneOf(parts(format));
            case "tag" -> readTag(value);
            case "triggered_tags" ->
                    new OutputFormat.TriggeredTags(
                            format.texts("triggers"),
                            tags(format),
                            format.flag("at_least_one", false),
                            format.flag("stop_after_first", false));
            case "separated_tags" ->
                    new OutputFormat.SeparatedTags(
                            tags(format),
                            format.text("separator", ""),
                            format.flag("at_least_one", false),
                            format.flag("stop_after_first", false));
            default -> throw new ProtocolException("format \"" + type + "\" is unknown here");
        };
    }

    private static JsonValue schema(Members format) throws ProtocolException {
        JsonValue schema = format.object().member("schema");
        if (schema == null) {
            throw new ProtocolException("a format has no schema");
        }
        return schema;
    }

    private static List<OutputFormat> parts(Members format) throws ProtocolException {
        List<OutputFormat> parts = new ArrayList<>();
        for (JsonValue part : format.list("parts")) {
            parts.add(read(part));
        }
        return parts;
    }

    private static List<OutputFormat.Tag> tags(Members format) throws ProtocolException {
        List<OutputFormat.Tag> tags = new ArrayList<>();
        for (JsonValue tag : format.list("tags")) {
            tags.add(readTag(tag));
        }
        return tags;
    }

    private static OutputFormat.Tag readTag(JsonValue value) throws ProtocolException {
        Members tag = Members.of(value, "a tag");
        return new OutputFormat.Tag(
                tag.text("begin", ""), read(tag.object().member("content")), tag.text("end", ""));
    }
}
