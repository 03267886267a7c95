package dev.cairn.core.parts;

/** How a model marks what it thinks before it speaks. */
enum ThoughtStyle {
    /** Not at all. */
    NONE,
    /** {@code <think>...</think>}, or nothing where it does not think: Qwen 3. */
    OPTIONAL,
    /** Everything up to {@code </think>}, whether or not it was opened: DeepSeek R1. */
    ALWAYS;

    static final String OPEN = "<think>";
    static final String CLOSE = "</think>";
}
