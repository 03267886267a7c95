package dev.cairn.plugin.device;

/**
 * The most that operations will be asked for, so that everything can be made ready once.
 *
 * @param rows of a step
 * @param headSize the widest
 */
public record OperationShapes(int rows, int headSize) {}
