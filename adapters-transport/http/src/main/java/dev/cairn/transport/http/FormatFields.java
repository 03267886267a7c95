package dev.cairn.transport.http;

import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a request says of its answer's format: OpenAI's {@code response_format}, vLLM's {@code
 * structured_outputs}, and the {@code guided_*} fields that came before it. Whether a format can be
 * held is the core's to judge, which knows the model.
 */
final class FormatFields {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

    private static final List<String> KINDS =
            List.of("json", "json_object", "regex", "choice", "grammar", "structural_tag");

    /** Options of vLLM's backends that would change which texts are allowed. */
    private static final List<String> UNHELD_OPTIONS =
            List.of(
                    "whitespace_pattern",
                    "disable_any_whitespace",
                    "disable_additional_properties");

    private FormatFields() {}

    /**
     * @param field dotted path of what asked for the format
     */
    record Asked(OutputFormat format, String field) {}

    /**
     * @throws dev.cairn.ports.request.RequestRefused if more than one is asked for, or one is
     *     malformed
     */
    static Optional<Asked> read(Fields fields) {
        List<Asked> asked = new ArrayList<>();
        fields.child("response_format").flatMap(FormatFields::responseFormat).ifPresent(asked::add);
        fields.child("structured_outputs")
                .map(outputs -> structuredOutputs(fields, outputs))
                .ifPresent(asked::add);
        for (String kind : KINDS) {
            kind(fields, "guided_" + kind, kind).ifPresent(asked::add);
        }
        fields.value("structural_tag")
                .ifPresent(
                        value ->
                                asked.add(
                                        new Asked(
                                                structuralTag(fields, "structural_tag", value),
                                                "structural_tag")));
        refuseOption(fields, "guided_whitespace_pattern");
        if (asked.size() > 1) {
            throw fields.invalid(
                    asked.get(1).field(), "excludes " + asked.getFirst().field() + "; send one");
        }
        return asked.stream().findFirst();
    }

    private static Optional<Asked> responseFormat(Fields format) {
        String type = format.text("type").orElseThrow(() -> format.invalid("type", "is required"));
        return switch (type) {
            case "text" -> Optional.empty();
            case "json_object" ->
                    Optional.of(new Asked(new OutputFormat.JsonObject(), format.pathOf("type")));
            case "json_schema" -> Optional.of(jsonSchema(format));
            case "structural_tag" ->
                    Optional.of(new Asked(StructuralTags.read(format), "response_format"));
            default ->
                    throw format.invalid(
                            "type",
                            "must be \"text\", \"json_object\", \"json_schema\" or"
                                    + " \"structural_tag\", got \""
                                    + Echo.of(type)
                                    + "\"");
        };
    }

    /** {@code strict} is always given, so that it need not be asked for. */
    private static Asked jsonSchema(Fields format) {
        Fields named =
                format.child("json_schema")
                        .orElseThrow(
                                () ->
                                        format.invalid(
                                                "json_schema",
                                                "is required when type is \"json_schema\""));
        String name = named.text("name").orElseThrow(() -> named.invalid("name", "is required"));
        if (!NAME.matcher(name).matches()) {
            throw named.invalid(
                    "name",
                    "must be 1 to 64 letters, digits, _ or -, got \"" + Echo.of(name) + "\"");
        }
        named.flag("strict", false);
        named.text("description");
        JsonValue schema =
                named.value("schema").orElseThrow(() -> named.invalid("schema", "is required"));
        return new Asked(
                new OutputFormat.JsonSchema(schema(named, "schema", schema)),
                named.pathOf("schema"));
    }

    private static Asked structuredOutputs(Fields fields, Fields outputs) {
        UNHELD_OPTIONS.forEach(option -> refuseOption(outputs, option));
        outputs.flag("disable_fallback", false);
        List<Asked> asked = new ArrayList<>();
        for (String kind : KINDS) {
            kind(outputs, kind, kind).ifPresent(asked::add);
        }
        if (asked.size() != 1) {
            throw fields.invalid(
                    "structured_outputs",
                    "must have exactly one of "
                            + String.join(", ", KINDS)
                            + ", got "
                            + asked.size());
        }
        return asked.getFirst();
    }

    private static void refuseOption(Fields fields, String option) {
        Optional<JsonValue> value = fields.value(option);
        if (value.isPresent() && !value.get().equals(new JsonBoolean(false))) {
            throw fields.invalid(
                    option,
                    "is not held; leave it out: JSON has whitespace where models usually write it");
        }
    }

    /**
     * @param field where the kind is written: alone, or in a legacy field
     */
    private static Optional<Asked> kind(Fields fields, String field, String kind) {
        return switch (kind) {
            case "json" ->
                    fields.value(field)
                            .map(value -> new OutputFormat.JsonSchema(schema(fields, field, value)))
                            .map(format -> new Asked(format, fields.pathOf(field)));
            case "json_object" ->
                    fields.flag(field, false)
                            ? Optional.of(
                                    new Asked(new OutputFormat.JsonObject(), fields.pathOf(field)))
                            : Optional.empty();
            case "regex" ->
                    fields.text(field)
                            .map(OutputFormat.Regex::new)
                            .map(format -> new Asked(format, fields.pathOf(field)));
            case "grammar" ->
                    fields.text(field)
                            .map(OutputFormat.Ebnf::new)
                            .map(format -> new Asked(format, fields.pathOf(field)));
            case "choice" ->
                    fields.texts(field)
                            .map(texts -> choice(fields, field, texts))
                            .map(format -> new Asked(format, fields.pathOf(field)));
            case "structural_tag" ->
                    fields.value(field)
                            .map(value -> structuralTag(fields, field, value))
                            .map(format -> new Asked(format, fields.pathOf(field)));
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static OutputFormat.Choice choice(Fields fields, String field, List<String> texts) {
        if (texts.isEmpty()) {
            throw fields.invalid(field, "must have at least one text");
        }
        return new OutputFormat.Choice(texts);
    }

    /** A schema, or its JSON text as older vLLM clients send it. */
    private static JsonValue schema(Fields fields, String field, JsonValue value) {
        return switch (value) {
            case JsonObject object -> object;
            case JsonBoolean all -> all;
            case JsonString(String text) -> parsed(fields, field, text);
            case JsonValue other -> throw fields.wrongType(field, "a JSON schema", other);
        };
    }

    /** A structural tag, or its JSON text as vLLM's clients send it. */
    private static OutputFormat structuralTag(Fields fields, String field, JsonValue value) {
        JsonValue tag =
                value instanceof JsonString(String text) ? parsed(fields, field, text) : value;
        if (!(tag instanceof JsonObject object)) {
            throw fields.wrongType(field, "a structural tag", tag);
        }
        return StructuralTags.read(new Fields(fields.pathOf(field) + ".", object));
    }

    private static JsonValue parsed(Fields fields, String field, String text) {
        try {
            return JsonReader.read(text);
        } catch (JsonException malformed) {
            throw fields.invalid(field, "is no JSON: " + malformed.getMessage());
        }
    }
}
