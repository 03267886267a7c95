/**
 * Engines: {@link dev.cairn.ports.engine.ModelRunner}, which Cairn drives step by step, {@link
 * dev.cairn.ports.engine.GenerationBackend}, which schedules itself, and {@link
 * dev.cairn.ports.engine.EmbeddingRunner}.
 *
 * <p>The sampling algorithm is defined here, bit for bit, as pure functions ({@link
 * dev.cairn.ports.engine.Sampler}), so that every runner gives the same token for the same logits.
 * Start at {@code ModelRunner}. Depends on the JDK and the packages {@code system}, {@code model},
 * {@code cache}, {@code request} and {@code telemetry} of {@code ports}.
 */
package dev.cairn.ports.engine;
