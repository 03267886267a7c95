package dev.cairn.ports.cache;

/**
 * What a place has measured of itself, for fetch-or-recompute.
 *
 * @param readBytesPerSecond sustained, recent
 * @param writeBytesPerSecond sustained, recent
 * @param nanosPerRequest cost of a read beside its bytes
 */
public record TierRates(
        double readBytesPerSecond, double writeBytesPerSecond, double nanosPerRequest) {}
