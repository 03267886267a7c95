/**
 * Speculation: guessing how an answer goes on, so that one step computes several of its tokens. A
 * guess is kept only where it is the very token that is chosen at its place, so answers do not
 * change; what is decided here is what to guess and how much of it is worth its time.
 *
 * <p>Knows tokens, positions and nanoseconds only; depends on {@code ports} alone. {@code
 * core.schedule} puts guesses into steps. Start at {@link
 * dev.cairn.core.speculate.SpeculationSettings}, then {@link dev.cairn.core.speculate.DraftWidths}.
 */
package dev.cairn.core.speculate;
