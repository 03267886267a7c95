/** Tests of {@code dev.cairn.distribution.bench}: reports, and {@code cairn bench serve} whole. */
package dev.cairn.distribution.bench;
