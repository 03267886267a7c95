/**
 * A conversation in the terminal, with a model in this process or on a running server.
 *
 * <p>{@code ChatSession} reads and prints; a {@code ChatPartner} answers. Start at {@code
 * ChatSession}. Depends on {@code ports} alone.
 */
package dev.cairn.distribution.chat;
