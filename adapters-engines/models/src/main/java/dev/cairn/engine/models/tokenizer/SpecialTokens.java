package dev.cairn.engine.models.tokenizer;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The ids that are put around a text. They are read from the post-processor and added here rather
 * than by the native library, because that ends the process where a post-processor names a token
 * that it does not define.
 *
 * <p>Source: Hugging Face tokenizers 0.21, {@code processors} (TemplateProcessing, BertProcessing,
 * RobertaProcessing).
 */
record SpecialTokens(List<Integer> before, List<Integer> after) {

    static final SpecialTokens NONE = new SpecialTokens(List.of(), List.of());

    SpecialTokens {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    int[] around(int[] ids) {
        IntStream first = before.stream().mapToInt(Integer::intValue);
        IntStream last = after.stream().mapToInt(Integer::intValue);
        return IntStream.concat(IntStream.concat(first, Arrays.stream(ids)), last).toArray();
    }

    /**
     * Reads the {@code post_processor} of a {@code tokenizer.json}; null where it has none.
     *
     * @throws ModelException if it is of a kind that is not served or names tokens that it does not
     *     define
     */
    static SpecialTokens of(JsonValue processor, String source) {
        if (!(processor instanceof JsonObject object)) {
            return NONE;
        }
        String type = object.member("type") instanceof JsonString(String name) ? name : "";
        return switch (type) {
            case "ByteLevel" -> NONE;
            case "TemplateProcessing" -> template(object, source);
            case "BertProcessing", "RobertaProcessing" ->
                    new SpecialTokens(
                            List.of(pairId(object, "cls", source)),
                            List.of(pairId(object, "sep", source)));
            case "Sequence" -> {
                SpecialTokens result = NONE;
                if (object.member("processors") instanceof JsonArray(List<JsonValue> parts)) {
                    for (JsonValue part : parts) {
                        SpecialTokens added = of(part, source);
                        result =
                                new SpecialTokens(
                                        joined(added.before(), result.before()),
                                        joined(result.after(), added.after()));
                    }
                }
                yield result;
            }
            default ->
                    throw new ModelException(
                            source + ": the post-processor \"" + type + "\" is not served yet");
        };
    }

    private static List<Integer> joined(List<Integer> first, List<Integer> second) {
        List<Integer> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }

    private static int pairId(JsonObject processor, String key, String source) {
        if (processor.member(key) instanceof JsonArray(List<JsonValue> pair) && pair.size() == 2) {
            return TokenizerFile.id(pair.get(1), source);
        }
        throw new ModelException(
                source + ": the post-processor's " + key + " must be a token and its id");
    }

    private static SpecialTokens template(JsonObject processor, String source) {
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        boolean text = false;
        if (!(processor.member("single") instanceof JsonArray(List<JsonValue> pieces))) {
            throw new ModelException(source + ": the post-processor has no template for one text");
        }
        for (JsonValue piece : pieces) {
            if (piece instanceof JsonObject object
                    && object.member("SpecialToken") instanceof JsonObject token) {
                (text ? after : before).addAll(ids(processor, token, source));
            } else if (piece instanceof JsonObject object
                    && object.member("Sequence") != null
                    && !text) {
                text = true;
            } else {
                throw new ModelException(
                        source
                                + ": the post-processor's template for one text must have it once, with special tokens around");
            }
        }
        if (!text) {
            throw new ModelException(source + ": the post-processor's template drops the text");
        }
        return new SpecialTokens(before, after);
    }

    private static List<Integer> ids(JsonObject processor, JsonObject token, String source) {
        if (token.member("id") instanceof JsonString(String name)
                && processor.member("special_tokens") instanceof JsonObject defined
                && defined.member(name) instanceof JsonObject definition
                && definition.member("ids") instanceof JsonArray(List<JsonValue> ids)
                && ids.stream().allMatch(JsonNumber.class::isInstance)) {
            return ids.stream().map(id -> TokenizerFile.id(id, source)).toList();
        }
        throw new ModelException(
                source + ": the post-processor names a special token that it does not define");
    }
}
