package dev.cairn.core.request;

import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.cache.CacheStatus;
import dev.cairn.ports.cache.DeviceStatus;
import dev.cairn.ports.cache.PinStatus;
import dev.cairn.ports.cache.TierStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What several engines say of their caches, as one: the tiers are shared. */
final class CacheStatuses {

    private CacheStatuses() {}

    static CacheStatus merged(List<CacheStatus> parts) {
        List<DeviceStatus> devices = new ArrayList<>();
        Map<String, TierStatus> tiers = new LinkedHashMap<>();
        List<PinStatus> pins = new ArrayList<>();
        for (CacheStatus part : parts) {
            devices.addAll(part.devices());
            pins.addAll(part.pins());
            part.tiers().forEach(tier -> tiers.merge(tier.name(), tier, CacheStatuses::both));
        }
        return new CacheStatus(devices, List.copyOf(tiers.values()), pins);
    }

    /** The tier says the same to both; each engine knows what it moved itself. */
    private static TierStatus both(TierStatus one, TierStatus other) {
        return new TierStatus(
                one.name(),
                one.store(),
                one.quarantined() || other.quarantined(),
                other.capacityBytes(),
                other.usedBytes(),
                one.readBytes() + other.readBytes(),
                one.writtenBytes() + other.writtenBytes(),
                other.counts(),
                other.rates(),
                other.holdings());
    }

    static BlockTally tallied(List<BlockTally> parts) {
        int blocks = 0;
        int done = 0;
        int absent = 0;
        int failed = 0;
        for (BlockTally part : parts) {
            blocks += part.blocks();
            done += part.done();
            absent += part.absent();
            failed += part.failed();
        }
        return new BlockTally(blocks, done, absent, failed);
    }

    static Map<String, Integer> summed(List<Map<String, Integer>> parts) {
        Map<String, Integer> sum = new TreeMap<>();
        parts.forEach(
                part -> part.forEach((place, blocks) -> sum.merge(place, blocks, Integer::sum)));
        return sum;
    }
}
