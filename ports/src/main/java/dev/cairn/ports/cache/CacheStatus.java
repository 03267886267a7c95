package dev.cairn.ports.cache;

import java.util.List;

/**
 * What the caches of a server hold and have done.
 *
 * @param devices one per model
 * @param tiers fastest first
 */
public record CacheStatus(List<DeviceStatus> devices, List<TierStatus> tiers) {

    public CacheStatus {
        devices = List.copyOf(devices);
        tiers = List.copyOf(tiers);
    }
}
