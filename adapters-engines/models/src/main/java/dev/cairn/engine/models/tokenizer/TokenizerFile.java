package dev.cairn.engine.models.tokenizer;

import dev.cairn.engine.models.files.ConfigObject;
import dev.cairn.engine.models.files.MappedFile;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code tokenizer.json} and what {@code tokenizer_config.json} adds to it. */
public final class TokenizerFile {

    private static final long MAX_BYTES = 256L << 20;
    private static final int MAX_ID = 1 << 26;
    private static final List<String> SPECIAL_NAMES =
            List.of(
                    "bos_token",
                    "eos_token",
                    "unk_token",
                    "sep_token",
                    "pad_token",
                    "cls_token",
                    "mask_token");

    private TokenizerFile() {}

    /**
     * @param file {@code tokenizer.json}
     * @param config {@code tokenizer_config.json}, if there is one
     * @throws ModelException if a file is missing or malformed
     */
    public static Tokenizer read(Path file, Optional<ConfigObject> config) {
        String json = MappedFile.text(file, MAX_BYTES);
        Map<String, String> special = new LinkedHashMap<>();
        config.ifPresent(
                given ->
                        SPECIAL_NAMES.forEach(
                                name ->
                                        tokenName(given, name)
                                                .ifPresent(token -> special.put(name, token))));
        return read(json, file.toString(), special, config);
    }

    private static Tokenizer read(
            String json,
            String source,
            Map<String, String> special,
            Optional<ConfigObject> config) {
        Contents contents = contents(json, source);
        Map<String, Integer> ids = new HashMap<>();
        contents.names().forEach((id, name) -> ids.put(name, id));
        List<Integer> begin =
                Optional.ofNullable(ids.get(special.get("bos_token"))).stream().toList();
        List<Integer> end =
                Optional.ofNullable(ids.get(special.get("eos_token"))).stream().toList();
        return new LoadedTokenizer(
                new NativeTokenizer(json, source),
                Vocabulary.of(contents.names(), contents.special(), contents.spelling()),
                added(contents.added(), config, begin, end),
                end,
                special);
    }

    /**
     * transformers replaces the file's post-processor where the configuration says add_bos_token or
     * add_eos_token.
     */
    private static SpecialTokens added(
            SpecialTokens ofFile,
            Optional<ConfigObject> config,
            List<Integer> begin,
            List<Integer> end) {
        boolean configured =
                config.map(given -> given.has("add_bos_token") || given.has("add_eos_token"))
                        .orElse(false);
        if (!configured) {
            return ofFile;
        }
        ConfigObject given = config.orElseThrow();
        return new SpecialTokens(
                given.truth("add_bos_token").orElse(false) ? begin : List.of(),
                given.truth("add_eos_token").orElse(false) ? end : List.of());
    }

    /** A token's name, written alone or as an object with its content. */
    private static Optional<String> tokenName(ConfigObject config, String key) {
        return switch (config.members().get(key)) {
            case JsonString(String name) -> Optional.of(name);
            case JsonObject token when token.member("content") instanceof JsonString(String name) ->
                    Optional.of(name);
            case null, default -> Optional.empty();
        };
    }

    /** What the native library does not tell. */
    private record Contents(
            Map<Integer, String> names, BitSet special, Spelling spelling, SpecialTokens added) {}

    private static Contents contents(String json, String source) {
        JsonObject root;
        try {
            root = JsonReader.read(json) instanceof JsonObject object ? object : JsonObject.empty();
        } catch (JsonException e) {
            throw new ModelException(source + ": is no JSON: " + e.getMessage(), e);
        }
        Map<Integer, String> names = new HashMap<>();
        if (!(root.member("model") instanceof JsonObject model)
                || !(model.member("vocab") instanceof JsonObject vocabulary)) {
            throw new ModelException(
                    source
                            + ": model.vocab is missing; served are tokenizers whose model is BPE or WordPiece");
        }
        vocabulary.members().forEach((name, id) -> names.put(id(id, source), name));
        BitSet special = new BitSet();
        if (root.member("added_tokens") instanceof JsonArray(List<JsonValue> tokens)) {
            for (JsonValue value : tokens) {
                if (!(value instanceof JsonObject token)
                        || !(token.member("content") instanceof JsonString(String name))) {
                    throw new ModelException(
                            source + ": added_tokens holds something that is no token");
                }
                int id = id(token.member("id"), source);
                names.put(id, name);
                special.set(
                        id, token.member("special") instanceof JsonBoolean(boolean flag) && flag);
            }
        }
        return new Contents(
                names,
                special,
                Spelling.of(root.member("decoder")),
                SpecialTokens.of(root.member("post_processor"), source));
    }

    static int id(JsonValue value, String source) {
        try {
            if (value instanceof JsonNumber number
                    && number.longValueExact() >= 0
                    && number.longValueExact() < MAX_ID) {
                return (int) number.longValueExact();
            }
        } catch (ArithmeticException _) {
            // Falls through to the one message.
        }
        throw new ModelException(
                source + ": a token's id must be an integer in [0, " + MAX_ID + ")");
    }

    /** Loads a tokenizer that was written in memory. */
    static Tokenizer of(
            String json,
            String source,
            SpecialTokens added,
            List<Integer> ends,
            Map<String, String> special) {
        Contents contents = contents(json, source);
        return new LoadedTokenizer(
                new NativeTokenizer(json, source),
                Vocabulary.of(contents.names(), contents.special(), contents.spelling()),
                added,
                ends,
                special);
    }
}
