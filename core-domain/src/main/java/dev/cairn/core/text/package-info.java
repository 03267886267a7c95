/**
 * From tokens to characters while they arrive: UTF-8 that is never broken, stop strings that never
 * leak. Pure state, no I/O; depends on {@code ports.model}. Start at {@link
 * dev.cairn.core.text.AnswerText}.
 */
package dev.cairn.core.text;
