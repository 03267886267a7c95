package dev.cairn.ports.cache;

import java.util.List;

/**
 * What the caches of a server hold and have done.
 *
 * @param devices one per model
 * @param tiers fastest first
 * @param pins those that have a name
 */
public record CacheStatus(
        List<DeviceStatus> devices, List<TierStatus> tiers, List<PinStatus> pins) {

    public CacheStatus {
        devices = List.copyOf(devices);
        tiers = List.copyOf(tiers);
        pins = List.copyOf(pins);
    }
}
