/**
 * Tests of {@code cairn bench predict} that need no engine. Depends on the tested package. Start at
 * {@link dev.cairn.distribution.bench.predict.TimelineTest}.
 */
package dev.cairn.distribution.bench.predict;
