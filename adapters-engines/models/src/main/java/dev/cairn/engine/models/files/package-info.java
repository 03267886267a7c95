/**
 * Model files: safetensors, GGUF and their configuration, turned into an architecture and weights
 * by role.
 *
 * <p>Files are mapped, never copied. Nothing in them is trusted: every length and offset is checked
 * against the size of the file before anything is allocated or sliced, and every tensor that the
 * architecture implies is checked for presence, encoding and shape before a model counts as opened.
 * Start at {@link dev.cairn.engine.models.files.Safetensors} or {@link
 * dev.cairn.engine.models.files.GgufFile}; {@code HuggingFaceArchitecture} and {@code
 * GgufArchitecture} read the configuration, {@code BoundWeights} ties both together. Depends on
 * {@code ports} alone.
 */
package dev.cairn.engine.models.files;
