/**
 * What the tiers of this room share: which block lies in which slot, who leaves when there is no
 * room, how much a tenant may hold, and the queues in front of the bytes. Where the bytes are is
 * the business of the tier that extends {@link dev.cairn.storage.slots.SlotTier}.
 *
 * <p>Room is divided into extents of one size; an extent is cut into slots of one size class, so
 * nothing fragments, and a class that needs room takes over the coldest extent of another. Start at
 * {@link dev.cairn.storage.slots.SlotTable}. Depends on {@code ports}.
 */
package dev.cairn.storage.slots;
