/** Tests of {@code dev.cairn.distribution.bench.load}. */
package dev.cairn.distribution.bench.load;
