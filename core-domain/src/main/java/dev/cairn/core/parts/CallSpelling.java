package dev.cairn.core.parts;

import java.util.List;
import java.util.Optional;

/** How a model writes tool calls. */
enum CallSpelling {
    /** Hermes, Qwen: {@code <tool_call>\n{"name": ..., "arguments": ...}\n</tool_call>}. */
    HERMES("<tool_call>"),

    /** Llama 3: {@code {"name": ..., "parameters": ...}}, at the beginning of the answer alone. */
    LLAMA3(""),

    /** Mistral's first tokenizers: {@code [TOOL_CALLS][{"name": ..., "arguments": ...}]}. */
    MISTRAL_LIST("[TOOL_CALLS]"),

    /** Mistral since tokenizer version 11: {@code [TOOL_CALLS]name[ARGS]{...}}. */
    MISTRAL_NAMED("[TOOL_CALLS]"),

    /**
     * For models that were never taught to call: a JSON array of {@code {"name": ..., "parameters":
     * ...}}, as vLLM has it.
     */
    LIST(""),

    /** The arguments of a call whose function is known. */
    BARE("");

    /** Llama 3.1's token before calls of tools that its template names built-in. */
    static final String PYTHON_TAG = "<|python_tag|>";

    static final String HERMES_END = "</tool_call>";
    static final String ARGUMENTS = "[ARGS]";
    static final String CALL_ID = "[CALL_ID]";

    private final String marker;

    CallSpelling(String marker) {
        this.marker = marker;
    }

    /** What begins calls anywhere in the text; empty where they can come only at its beginning. */
    Optional<String> marker() {
        return marker.isEmpty() ? Optional.empty() : Optional.of(marker);
    }

    /** Texts that may be special tokens of the model, which the parser has to see. */
    List<String> marks() {
        return switch (this) {
            case HERMES -> List.of(marker, HERMES_END);
            case LLAMA3 -> List.of(PYTHON_TAG);
            case MISTRAL_LIST -> List.of(marker);
            case MISTRAL_NAMED -> List.of(marker, ARGUMENTS, CALL_ID);
            case LIST, BARE -> List.of();
        };
    }

    /** The text before a call's arguments. */
    String begin(String function) {
        return switch (this) {
            case HERMES -> marker + "\n{\"name\": \"" + function + "\", \"arguments\": ";
            case LLAMA3, LIST -> "{\"name\": \"" + function + "\", \"parameters\": ";
            case MISTRAL_LIST -> "{\"name\": \"" + function + "\", \"arguments\": ";
            case MISTRAL_NAMED -> marker + function + ARGUMENTS;
            case BARE -> "";
        };
    }

    /** The text behind a call's arguments. */
    String end() {
        return switch (this) {
            case HERMES -> "}\n" + HERMES_END;
            case LLAMA3, LIST, MISTRAL_LIST -> "}";
            case MISTRAL_NAMED, BARE -> "";
        };
    }

    /** Ids of Mistral's calls have nine letters or digits, or its template refuses them. */
    boolean hasShortIds() {
        return this == MISTRAL_LIST || this == MISTRAL_NAMED;
    }
}
