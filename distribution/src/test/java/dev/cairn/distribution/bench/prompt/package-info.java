/** Tests of {@code dev.cairn.distribution.bench.prompt}. */
package dev.cairn.distribution.bench.prompt;
