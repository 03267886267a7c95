package dev.cairn.transport.http;

import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.cache.CacheStatus;
import dev.cairn.ports.cache.DeviceStatus;
import dev.cairn.ports.cache.DeviceStatus.GroupUse;
import dev.cairn.ports.cache.PinStatus;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.cache.PromptBlocks.PlacedBlock;
import dev.cairn.ports.cache.TierCounts;
import dev.cairn.ports.cache.TierStatus;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Map;

/** What the verbs of the cache answer, as JSON. */
final class CacheReport {

    private CacheReport() {}

    /**
     * @param tenant of who asks
     */
    static JsonObject of(CacheStatus status, String tenant) {
        return JsonObject.builder()
                .put("tenant", tenant)
                .put(
                        "models",
                        JsonValue.array(status.devices().stream().map(CacheReport::of).toList()))
                .put(
                        "tiers",
                        JsonValue.array(status.tiers().stream().map(CacheReport::of).toList()))
                .put("pins", JsonValue.array(status.pins().stream().map(CacheReport::of).toList()))
                .build();
    }

    private static JsonObject of(PinStatus pin) {
        var object =
                JsonObject.builder()
                        .put("name", pin.name())
                        .put("model", pin.model())
                        .put("tenant", pin.tenant())
                        .put("blocks", pin.blocks());
        pin.left().ifPresent(left -> object.put("seconds_left", left.toSeconds()));
        return object.build();
    }

    private static JsonObject of(DeviceStatus device) {
        return JsonObject.builder()
                .put("model", device.model())
                .put("looked_up_tokens", device.lookedUpTokens())
                .put("hit_tokens", device.hitTokens())
                .put("hit_rate", rate(device.hitTokens(), device.lookedUpTokens()))
                .put(
                        "device",
                        JsonValue.array(device.groups().stream().map(CacheReport::of).toList()))
                .build();
    }

    private static JsonObject of(GroupUse use) {
        return JsonObject.builder()
                .put("group", use.group())
                .put("block_tokens", use.blockTokens())
                .put("blocks", use.blocks())
                .put("in_use", use.inUse())
                .put("cached", use.cached())
                .put("free", use.blocks() - use.inUse())
                .put("empty", use.empty())
                .build();
    }

    private static JsonObject of(TierStatus tier) {
        TierCounts counts = tier.counts();
        var tenants = JsonObject.builder();
        tier.holdings().bytesByTenant().forEach(tenants::put);
        return JsonObject.builder()
                .put("tier", tier.name())
                .put("store", tier.store())
                .put("quarantined", tier.quarantined())
                .put("capacity_bytes", tier.capacityBytes())
                .put("used_bytes", tier.usedBytes())
                .put("blocks", counts.blocks())
                .put("pinned_blocks", tier.holdings().pinnedBlocks())
                .put("hits", counts.hits())
                .put("misses", counts.misses())
                .put("hit_rate", rate(counts.hits(), counts.hits() + counts.misses()))
                .put("stored", counts.stored())
                .put("evicted", counts.evicted())
                .put("damaged", counts.damaged())
                .put("dropped", counts.dropped())
                .put("failures", counts.failures())
                .put("queued", counts.queued())
                .put("read_bytes", tier.readBytes())
                .put("written_bytes", tier.writtenBytes())
                .put("read_bytes_per_second", tier.rates().readBytesPerSecond())
                .put("write_bytes_per_second", tier.rates().writeBytesPerSecond())
                .put("tenants", tenants.build())
                .build();
    }

    /** 0 while nothing was asked for. */
    private static double rate(long hits, long all) {
        return all == 0 ? 0 : (double) hits / all;
    }

    static JsonObject of(PromptBlocks prompt) {
        return JsonObject.builder()
                .put("tokens", prompt.tokens())
                .put("device_tokens", prompt.deviceTokens())
                .put("hit_tokens", prompt.hitTokens())
                .put(
                        "blocks",
                        JsonValue.array(prompt.blocks().stream().map(CacheReport::of).toList()))
                .build();
    }

    private static JsonObject of(PlacedBlock block) {
        return JsonObject.builder()
                .put("group", block.key().group())
                .put("start", block.start())
                .put("end", block.end())
                .put("hash", block.key().hash().toString())
                .put("places", JsonValue.array(block.places().stream().map(JsonValue::of).toList()))
                .build();
    }

    /**
     * @param verb what was done, in the past
     */
    static JsonObject of(String verb, BlockTally tally) {
        return JsonObject.builder()
                .put("blocks", tally.blocks())
                .put(verb, tally.done())
                .put("absent", tally.absent())
                .put("failed", tally.failed())
                .build();
    }

    static JsonObject cleared(Map<String, Integer> blocks) {
        var places = JsonObject.builder();
        blocks.forEach(places::put);
        return JsonObject.builder()
                .put("blocks", blocks.values().stream().mapToInt(Integer::intValue).sum())
                .put("cleared", places.build())
                .build();
    }
}
