package dev.cairn.ports.request;

/**
 * A prompt whose cached blocks somebody asks about.
 *
 * @param model served name; empty = the first
 * @param tenant whose blocks they are: as {@link GenerationRequest#tenant}
 */
public record CachedPrompt(String model, Prompt prompt, String tenant) {}
