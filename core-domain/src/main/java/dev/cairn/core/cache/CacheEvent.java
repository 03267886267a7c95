package dev.cairn.core.cache;

import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;

/** What a tiered cache hears; posted to the mailbox that owns it. */
public sealed interface CacheEvent {

    /** A block left the device; {@code failure} is null if it did. */
    record Exported(Store store, Throwable failure) implements CacheEvent {}

    record Put(Store store, TierLane lane, PutOutcome outcome) implements CacheEvent {}

    record Read(Piece piece, GetOutcome outcome) implements CacheEvent {}

    /** A block was copied into the device; {@code failure} is null if it was. */
    record Restored(Piece piece, Throwable failure) implements CacheEvent {}

    record TimeIsUp(Onboarding onboarding) implements CacheEvent {}
}
