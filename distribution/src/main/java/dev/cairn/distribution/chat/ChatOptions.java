package dev.cairn.distribution.chat;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How to answer.
 *
 * @param system the conversation's first message
 * @param maxTokens of one answer; empty = the rest of the context
 * @param temperature empty = the model's own
 */
public record ChatOptions(
        Optional<String> system, OptionalInt maxTokens, OptionalDouble temperature) {}
