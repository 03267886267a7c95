/**
 * The tiered KV cache of one engine: blocks that were computed go down to tiers (host memory, disk,
 * peers), and come up again for requests that begin with them, verified, where that is predicted to
 * be sooner than computing them. Lives in the mailbox of its scheduler; ports never wait, their
 * completions are events. Depends on {@code core.block} and the ports. Start at {@link
 * dev.cairn.core.cache.TieredCache}.
 */
package dev.cairn.core.cache;
