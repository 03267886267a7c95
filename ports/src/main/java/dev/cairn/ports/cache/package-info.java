/**
 * KV blocks: how they are named, how their bytes lie, where they live, who holds them and how they
 * travel.
 *
 * <p>Vocabulary: {@link dev.cairn.ports.cache.LayerGroup}, {@link dev.cairn.ports.cache.KvLayout},
 * {@link dev.cairn.ports.cache.BlockKey}. Ports: {@link dev.cairn.ports.cache.BlockTier} (a place),
 * {@link dev.cairn.ports.cache.BlockDirectory} (who holds what), {@link
 * dev.cairn.ports.cache.BlockTransport} (how blocks move), {@link
 * dev.cairn.ports.cache.KvEventChannel} (what changed). No method of a port waits: the outcome is a
 * completion. Depends on the JDK and {@code dev.cairn.ports.system}.
 */
package dev.cairn.ports.cache;
