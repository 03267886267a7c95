/**
 * {@code cairn bench grammar}: how many schemas of MaskBench are held exactly, and how long their
 * masks take. Depends on {@code core.grammar}. Start at {@link
 * dev.cairn.distribution.bench.grammar.GrammarBenchmark}.
 */
package dev.cairn.distribution.bench.grammar;
