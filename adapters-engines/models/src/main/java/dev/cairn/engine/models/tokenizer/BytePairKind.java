package dev.cairn.engine.models.tokenizer;

import dev.cairn.ports.system.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Byte-level vocabularies by the name that GGUF gives their pre-tokenizer. What each does is in the
 * publisher's own {@code tokenizer.json}.
 */
enum BytePairKind {
    LLAMA3(List.of("llama-bpe", "llama3", "llama-v3")) {
        @Override
        JsonValue preTokenizer() {
            return splitting(
                    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
                            + "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");
        }
    },
    QWEN2(List.of("qwen2")) {
        @Override
        JsonValue preTokenizer() {
            return splitting(
                    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
                            + "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");
        }

        @Override
        JsonValue normalizer() {
            return JsonPieces.typed("NFC");
        }
    },
    TEKKEN(List.of("tekken")) {
        @Override
        JsonValue preTokenizer() {
            return splitting(
                    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|"
                            + "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|"
                            + "\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");
        }
    },
    SMOLLM(List.of("smollm")) {
        @Override
        JsonValue preTokenizer() {
            return JsonPieces.sequence(
                    "pretokenizers",
                    List.of(JsonPieces.singleDigits(), JsonPieces.byteLevel(true)));
        }
    },
    GPT2(List.of("gpt-2")) {
        @Override
        JsonValue preTokenizer() {
            return JsonPieces.byteLevel(true);
        }
    };

    private final List<String> names;

    BytePairKind(List<String> names) {
        this.names = names;
    }

    List<String> names() {
        return names;
    }

    abstract JsonValue preTokenizer();

    JsonValue normalizer() {
        return JsonValue.NULL;
    }

    private static JsonValue splitting(String regex) {
        return JsonPieces.sequence(
                "pretokenizers", List.of(JsonPieces.split(regex), JsonPieces.byteLevel(false)));
    }

    static Optional<BytePairKind> of(String pre) {
        return Arrays.stream(values()).filter(kind -> kind.names.contains(pre)).findFirst();
    }

    static String served() {
        return Arrays.stream(values())
                .flatMap(kind -> kind.names.stream())
                .collect(Collectors.joining(", "));
    }
}
