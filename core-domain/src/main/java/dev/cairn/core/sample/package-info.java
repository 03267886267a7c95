/**
 * Which tokens may be chosen, and what was said so far. The sampling algorithm itself is {@code
 * ports.engine.Sampler}, which runners call. Depends on {@code ports.request} and {@code
 * ports.engine}. Start at {@link dev.cairn.core.sample.TokenConstraints}.
 */
package dev.cairn.core.sample;
