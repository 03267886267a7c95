/** Tests of {@code dev.cairn.distribution.bench.report}. */
package dev.cairn.distribution.bench.report;
