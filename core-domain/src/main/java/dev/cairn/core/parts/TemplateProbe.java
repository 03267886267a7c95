package dev.cairn.core.parts;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.model.TextCodec.TemplateException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a model's chat template writes tool calls, found by letting it write one: the words of a
 * template may say anything, what it writes is what the model was taught.
 */
final class TemplateProbe {

    private static final Pattern HERMES =
            Pattern.compile("<tool_call>\\s*\\{\"name\": ?\"cairn_probe\", ?\"arguments\": ?\\{");
    private static final Pattern LLAMA3 =
            Pattern.compile("\\{\"name\": ?\"cairn_probe\", ?\"parameters\": ?\\{\"probe_key\"");
    private static final Pattern MISTRAL_LIST =
            Pattern.compile("\\[TOOL_CALLS]\\s*\\[\\{\"name\": ?\"cairn_probe\"");
    private static final Pattern MISTRAL_NAMED =
            Pattern.compile("\\[TOOL_CALLS]\\s*cairn_probe(\\[CALL_ID]\\w*)?\\[ARGS]");

    private static final List<JsonValue> TOOLS =
            List.of(
                    JsonReader.read(
                            """
                            {"type": "function", "function": {"name": "cairn_probe", "description": "probe",
                             "parameters": {"type": "object", "properties": {"probe_key": {"type": "string"}}}}}
                            """));
    private static final JsonObject QUESTION = object("{\"role\": \"user\", \"content\": \"q\"}");
    private static final String CALL =
            """
            {"id": "abcdefghi", "type": "function",
             "function": {"name": "cairn_probe", "arguments": "{\\"probe_key\\": \\"v\\"}"}}\
            """;

    private final String rendered;
    private final boolean onlyOneCall;

    private TemplateProbe(String rendered, boolean onlyOneCall) {
        this.rendered = rendered;
        this.onlyOneCall = onlyOneCall;
    }

    /** Empty where the model has no template, or one that refuses calls. */
    static Optional<TemplateProbe> of(TextCodec codec) {
        if (codec.chatTemplate().isEmpty()) {
            return Optional.empty();
        }
        return render(codec, CALL)
                .map(one -> new TemplateProbe(one, render(codec, CALL + "," + CALL).isEmpty()));
    }

    Optional<CallSpelling> spelling() {
        if (HERMES.matcher(rendered).find()) {
            return Optional.of(CallSpelling.HERMES);
        }
        if (MISTRAL_NAMED.matcher(rendered).find()) {
            return Optional.of(CallSpelling.MISTRAL_NAMED);
        }
        if (MISTRAL_LIST.matcher(rendered).find()) {
            return Optional.of(CallSpelling.MISTRAL_LIST);
        }
        return LLAMA3.matcher(rendered).find()
                ? Optional.of(CallSpelling.LLAMA3)
                : Optional.empty();
    }

    /** Whether an answer with two calls could not be shown to the model again. */
    boolean onlyOneCall() {
        return onlyOneCall;
    }

    private static Optional<String> render(TextCodec codec, String calls) {
        JsonObject answer =
                object(
                        "{\"role\": \"assistant\", \"content\": \"\", \"tool_calls\": ["
                                + calls
                                + "]}");
        try {
            return Optional.of(
                    codec.render(
                            new Conversation(
                                    List.of(QUESTION, answer),
                                    TOOLS,
                                    false,
                                    false,
                                    JsonObject.empty(),
                                    Optional.empty())));
        } catch (TemplateException refused) {
            return Optional.empty();
        }
    }

    private static JsonObject object(String text) {
        return (JsonObject) JsonReader.read(text);
    }
}
