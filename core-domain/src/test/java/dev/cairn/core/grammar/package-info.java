/**
 * Grammars against independent oracles: {@code java.util.regex}, a small validator of JSON Schema,
 * and brute force over all tokens. Start at {@link dev.cairn.core.grammar.Walk}.
 */
package dev.cairn.core.grammar;
