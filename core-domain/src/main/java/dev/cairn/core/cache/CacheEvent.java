package dev.cairn.core.cache;

import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;

/** What a tiered cache hears; posted to the mailbox that owns it. */
public sealed interface CacheEvent {

    /** A block left the device; {@code failure} is null if it did. */
    record Exported(Store store, Throwable failure) implements CacheEvent {}

    record Put(Store store, TierLane lane, PutOutcome outcome) implements CacheEvent {}

    /** Slices came from a tier or a peer, or did not. */
    record ReadTogether(ReadBatch batch) implements CacheEvent {}

    /** Slices came and were copied into the device by who received them, or did not come. */
    record WentStraight(StraightBatch batch) implements CacheEvent {}

    /** Slices were copied into the device, or were not what they should be. */
    record RestoredTogether(RestoreBatch batch) implements CacheEvent {}

    /** A tier gave the block of an errand, or did not. */
    record Loaded(Store store, GetOutcome outcome) implements CacheEvent {}

    /** A reader that is no request of this engine wants a block of the device. */
    record DeviceWanted(DeviceRead read) implements CacheEvent {}

    /** A block was copied out for such a reader, or could not be. */
    record DeviceCopied(int group, int block) implements CacheEvent {}

    /** An administrator asks for something. */
    record Asked(CacheOrder order) implements CacheEvent {}

    /** A tier has forgotten what it was told to; {@code failure} is null if it did. */
    record Cleared(Clearing clearing, TierLane lane, int removed, Throwable failure)
            implements CacheEvent {}

    /** The device has waited long enough for what it will forget to be written. */
    record Forget() implements CacheEvent {}

    /** A block that a canary computed left the device, or did not. */
    record Compared(Canary.Check check) implements CacheEvent {}

    /** The time of a pin may be over. */
    record PinIsOver(PinBook.Pin pin) implements CacheEvent {}

    record TimeIsUp(Onboarding onboarding) implements CacheEvent {}
}
