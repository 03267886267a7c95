package dev.cairn.ports.relay;

/**
 * How engines that tell their blocks cut a model's prompts.
 *
 * @param tokens of a block
 * @param adapter that the model's name stands for; empty = the base model
 */
public record BlockShape(int tokens, String adapter) {}
