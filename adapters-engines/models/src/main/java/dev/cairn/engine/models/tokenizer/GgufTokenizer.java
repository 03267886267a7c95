package dev.cairn.engine.models.tokenizer;

import dev.cairn.engine.models.files.ConfigObject;
import dev.cairn.engine.models.files.GgufMetadata;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Writes a GGUF file's vocabulary as a {@code tokenizer.json} and loads that.
 *
 * <p>Source: the keys of gguf-py; per kind of vocabulary, the tokenizer.json that the model's
 * publisher ships (the reference here is Hugging Face's tokenizer, not llama.cpp's reading of it);
 * {@code generate_merges} of transformers for vocabularies with scores.
 */
public final class GgufTokenizer {

    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    /** Names by which llama.cpp knows that a token ends an answer. */
    private static final Set<String> END_NAMES =
            Set.of(
                    "<|eot_id|>",
                    "<|im_end|>",
                    "<|end|>",
                    "<end_of_turn>",
                    "<|endoftext|>",
                    "<|end_of_text|>",
                    "<|eom_id|>",
                    "<EOT>");

    private final GgufMetadata metadata;
    private final List<String> tokens;
    private final List<Long> types;

    private GgufTokenizer(GgufMetadata metadata) {
        this.metadata = metadata;
        tokens = metadata.list("tokenizer.ggml.tokens", String.class);
        types = metadata.list("tokenizer.ggml.token_type", Long.class);
        if (tokens.isEmpty()) {
            throw metadata.wrong("tokenizer.ggml.tokens", "a list of tokens");
        }
        if (!types.isEmpty() && types.size() != tokens.size()) {
            throw metadata.wrong(
                    "tokenizer.ggml.token_type", "as long as the list of tokens, " + tokens.size());
        }
    }

    /**
     * @throws ModelException if the metadata hold no vocabulary, or one of a kind that is not
     *     served
     */
    public static Tokenizer read(GgufMetadata metadata) {
        return new GgufTokenizer(metadata).tokenizer();
    }

    private Tokenizer tokenizer() {
        String model = metadata.text("tokenizer.ggml.model").orElse("none");
        JsonObject json =
                switch (model) {
                    case "gpt2" -> byteLevel(pre());
                    case "llama" -> scored();
                    default ->
                            throw new ModelException(
                                    "%s: tokenizer model \"%s\" is not served yet; served are gpt2 and llama"
                                            .formatted(metadata.file(), ConfigObject.shown(model)));
                };
        boolean addBegin =
                metadata.truth("tokenizer.ggml.add_bos_token")
                        .orElse(
                                model.equals("llama")
                                        || BytePairKind.LLAMA3.names().contains(pre())
                                        || BytePairKind.TEKKEN.names().contains(pre()));
        boolean addEnd = metadata.truth("tokenizer.ggml.add_eos_token").orElse(false);
        List<Integer> begin = addBegin ? ids("bos") : List.of();
        List<Integer> end = addEnd ? ids("eos") : List.of();
        return TokenizerFile.of(
                JsonWriter.write(json),
                metadata.file(),
                new SpecialTokens(begin, end),
                ends(),
                specialTokens());
    }

    private String pre() {
        return metadata.text("tokenizer.ggml.pre").orElse("default");
    }

    private OptionalInt id(String kind) {
        return metadata.integer("tokenizer.ggml." + kind + "_token_id", 0, tokens.size() - 1)
                .map(OptionalInt::of)
                .orElse(OptionalInt.empty());
    }

    private List<Integer> ids(String kind) {
        return id(kind).stream().boxed().toList();
    }

    private int type(int id) {
        return types.isEmpty() ? 1 : types.get(id).intValue();
    }

    private List<Integer> ends() {
        List<Integer> ends = new ArrayList<>();
        for (String kind : List.of("eos", "eot", "eom")) {
            id(kind).ifPresent(ends::add);
        }
        for (int id = 0; id < tokens.size(); id++) {
            if ((type(id) == CONTROL || type(id) == USER_DEFINED)
                    && END_NAMES.contains(tokens.get(id))) {
                ends.add(id);
            }
        }
        return ends.stream().distinct().toList();
    }

    private Map<String, String> specialTokens() {
        Map<String, String> special = new LinkedHashMap<>();
        Map.of(
                        "bos",
                        "bos_token",
                        "eos",
                        "eos_token",
                        "unknown",
                        "unk_token",
                        "padding",
                        "pad_token")
                .forEach(
                        (kind, name) ->
                                id(kind).ifPresent(id -> special.put(name, tokens.get(id))));
        return special;
    }

    private JsonObject byteLevel(String pre) {
        BytePairKind kind =
                BytePairKind.of(pre)
                        .orElseThrow(
                                () ->
                                        new ModelException(
                                                "%s: pre-tokenizer \"%s\" is not served yet; served are %s"
                                                        .formatted(
                                                                metadata.file(),
                                                                ConfigObject.shown(pre),
                                                                BytePairKind.served())));
        JsonObject model =
                JsonValue.JsonObject.builder()
                        .put("type", "BPE")
                        .put(
                                "ignore_merges",
                                kind == BytePairKind.LLAMA3 || kind == BytePairKind.TEKKEN)
                        .put("vocab", vocabulary())
                        .put(
                                "merges",
                                JsonValue.array(
                                        metadata
                                                .list("tokenizer.ggml.merges", String.class)
                                                .stream()
                                                .map(this::merge)
                                                .toList()))
                        .build();
        return document(
                kind.normalizer(),
                kind.preTokenizer(),
                JsonValue.JsonObject.builder()
                        .put("type", "ByteLevel")
                        .put("add_prefix_space", true)
                        .put("trim_offsets", true)
                        .put("use_regex", true)
                        .build(),
                model);
    }

    private JsonArray merge(String merge) {
        int space = merge.indexOf(' ', 1);
        if (space < 0) {
            throw metadata.wrong("tokenizer.ggml.merges", "pairs of tokens with a space between");
        }
        return JsonValue.array(
                List.of(
                        JsonValue.of(merge.substring(0, space)),
                        JsonValue.of(merge.substring(space + 1))));
    }

    private JsonObject vocabulary() {
        Map<String, JsonValue> vocabulary = new LinkedHashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            vocabulary.putIfAbsent(tokens.get(id), JsonValue.of(id));
        }
        return new JsonObject(vocabulary);
    }

    private JsonObject document(
            JsonValue normalizer, JsonValue preTokenizer, JsonObject decoder, JsonObject model) {
        List<JsonValue> added = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (type(id) == CONTROL
                    || type(id) == USER_DEFINED
                    || (type(id) == 2 && !tokens.get(id).isEmpty())) {
                added.add(
                        JsonValue.JsonObject.builder()
                                .put("id", id)
                                .put("content", tokens.get(id))
                                .put("single_word", false)
                                .put("lstrip", false)
                                .put("rstrip", false)
                                .put("normalized", false)
                                .put("special", type(id) != USER_DEFINED)
                                .build());
            }
        }
        return JsonValue.JsonObject.builder()
                .put("version", "1.0")
                .putNull("truncation")
                .putNull("padding")
                .put("added_tokens", JsonValue.array(added))
                .put("normalizer", normalizer)
                .put("pre_tokenizer", preTokenizer)
                .putNull("post_processor")
                .put("decoder", decoder)
                .put("model", model)
                .build();
    }

    /**
     * SentencePiece's vocabulary: pieces with scores, bytes as a last resort, the space as U+2581.
     */
    private JsonObject scored() {
        boolean prefix = metadata.truth("tokenizer.ggml.add_space_prefix").orElse(true);
        List<Double> scores = metadata.list("tokenizer.ggml.scores", Double.class);
        if (scores.size() != tokens.size()) {
            throw metadata.wrong(
                    "tokenizer.ggml.scores", "as long as the list of tokens, " + tokens.size());
        }
        String unknown = tokens.get(id("unknown").orElse(0));
        JsonObject model =
                JsonValue.JsonObject.builder()
                        .put("type", "BPE")
                        .put("unk_token", unknown)
                        .put("fuse_unk", true)
                        .put("byte_fallback", true)
                        .put("ignore_merges", false)
                        .put("vocab", vocabulary())
                        .put("merges", ScoredMerges.of(tokens, scores))
                        .build();
        JsonObject spaces = JsonPieces.replace(" ", "\u2581");
        JsonValue normalizer =
                prefix
                        ? JsonPieces.sequence(
                                "normalizers", List.of(JsonPieces.prepend("\u2581"), spaces))
                        : spaces;
        List<JsonObject> decoders =
                new ArrayList<>(
                        List.of(
                                JsonPieces.replace("\u2581", " "),
                                JsonPieces.typed("ByteFallback"),
                                JsonPieces.typed("Fuse")));
        if (prefix) {
            decoders.add(JsonPieces.stripLeft(" "));
        }
        return document(
                normalizer, JsonValue.NULL, JsonPieces.sequence("decoders", decoders), model);
    }
}
