/**
 * Models without files: named shapes, weights from a pseudo-random pool, a tokenizer of bytes.
 *
 * <p>For benchmarks and tests, where only sizes matter. Start at {@link
 * dev.cairn.engine.models.dummy.DummyShape}. Depends on {@code ports} and the tokenizer package.
 */
package dev.cairn.engine.models.dummy;
