/**
 * Which KV block belongs to whom: one pool of block ids per layer group, and per sequence one table
 * per group. Blocks are counted references, so that sequences can share a prefix; the bytes
 * themselves lie in the runner's device. A {@link dev.cairn.core.block.PrefixCache} finds blocks
 * again after those who computed them let go. Depends on {@code ports.cache} and {@code
 * ports.engine}. Start at {@link dev.cairn.core.block.BlockPools}, then {@code PrefixCache}.
 */
package dev.cairn.core.block;
