/** Tests of {@code dev.cairn.distribution.bench.server}. */
package dev.cairn.distribution.bench.server;
