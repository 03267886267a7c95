/** Tests of {@code dev.cairn.distribution.bench.client}. */
package dev.cairn.distribution.bench.client;
