package dev.cairn.engine.models.tokenizer;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;

/** The parts of a {@code tokenizer.json} that are written for GGUF vocabularies. */
final class JsonPieces {

    private JsonPieces() {}

    static JsonObject typed(String type) {
        return JsonObject.builder().put("type", type).build();
    }

    static JsonObject sequence(String member, List<JsonObject> parts) {
        return JsonObject.builder()
                .put("type", "Sequence")
                .put(member, JsonValue.array(parts))
                .build();
    }

    static JsonObject replace(String from, String to) {
        return JsonObject.builder()
                .put("type", "Replace")
                .put("pattern", JsonObject.builder().put("String", from).build())
                .put("content", to)
                .build();
    }

    static JsonObject prepend(String text) {
        return JsonObject.builder().put("type", "Prepend").put("prepend", text).build();
    }

    static JsonObject stripLeft(String text) {
        return JsonObject.builder()
                .put("type", "Strip")
                .put("content", text)
                .put("start", 1)
                .put("stop", 0)
                .build();
    }

    /** Cuts text into the matches of a regular expression and what lies between them. */
    static JsonObject split(String regex) {
        return JsonObject.builder()
                .put("type", "Split")
                .put("pattern", JsonObject.builder().put("Regex", regex).build())
                .put("behavior", "Isolated")
                .put("invert", false)
                .build();
    }

    static JsonObject byteLevel(boolean useRegex) {
        return JsonObject.builder()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", useRegex)
                .build();
    }

    static JsonObject singleDigits() {
        return JsonObject.builder().put("type", "Digits").put("individual_digits", true).build();
    }
}
