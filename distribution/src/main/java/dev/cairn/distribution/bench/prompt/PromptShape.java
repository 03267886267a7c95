package dev.cairn.distribution.bench.prompt;

/**
 * How large a set of prompts is. Lengths are in tokens.
 *
 * @param requests at least; sessions are kept whole
 * @param inputTokens of a prompt, or of what is new in it
 * @param prefixTokens of a system prompt that sessions share
 * @param prefixes different system prompts
 * @param turns of a conversation
 * @param subagents of an agent
 */
public record PromptShape(
        int requests,
        int inputTokens,
        int outputTokens,
        int prefixTokens,
        int prefixes,
        int turns,
        int subagents,
        long seed) {

    int sessions(int turnsEach) {
        return (requests + turnsEach - 1) / turnsEach;
    }
}
