/**
 * The relay with the core's desk behind it, over real sockets and before small engines that say
 * what a test wants ({@link dev.cairn.relaying.SmallEngine}). Start at {@link
 * dev.cairn.relaying.RelayIT}.
 */
package dev.cairn.relaying;
