/**
 * Guesses from a draft model: a second, smaller model of the same tokens, with keys and values of
 * its own, says how answers go on.
 *
 * <p>May depend on {@code ports}, on {@code core.block} for its blocks and on {@code
 * core.speculate}. Knows no clock and no thread: {@code core.schedule} runs its steps. Start at
 * {@link dev.cairn.core.draft.DraftModel}.
 */
package dev.cairn.core.draft;
