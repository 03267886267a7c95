package dev.cairn.ports.cache;

/**
 * What became of the blocks of a prompt.
 *
 * @param blocks whole blocks of the prompt, over all layer groups
 * @param done those with which it was done
 * @param absent those that lie nowhere from where they could be taken
 * @param failed those that a tier did not take or give
 */
public record BlockTally(int blocks, int done, int absent, int failed) {}
