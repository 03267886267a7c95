/**
 * Structured output: from a regex, a choice, an EBNF grammar or a JSON Schema to the tokens that
 * may come next. A front end writes rules over bytes ({@code Expression}), {@code GrammarCompiler}
 * makes an automaton with calls of them, {@code Stepper} runs it, and {@code MaskSource} walks the
 * vocabulary's trie with it. Pure: no I/O, no threads, bounded work and memory whatever a client
 * sends. Depends on {@code ports.model}, {@code ports.request} and {@code ports.system}. Start at
 * {@link dev.cairn.core.grammar.Constraint}.
 */
package dev.cairn.core.grammar;
