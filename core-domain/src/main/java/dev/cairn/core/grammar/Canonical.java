package dev.cairn.core.grammar;

/** How a model's own tokenizer writes a text. */
@FunctionalInterface
interface Canonical {

    /** Knows nothing: no tokens are ever forced. */
    Canonical NONE = _ -> new int[0];

    /** The tokens of an ordinary text, without tokens that begin or end one. */
    int[] tokens(String text);
}
