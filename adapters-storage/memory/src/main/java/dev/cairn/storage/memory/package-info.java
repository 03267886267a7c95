/**
 * Host memory as a tier: one slab outside the heap, sized at start, from which nothing is allocated
 * afterwards. Start at {@link dev.cairn.storage.memory.MemoryTier}. Depends on {@code ports} and
 * {@code storage.slots}.
 */
package dev.cairn.storage.memory;
