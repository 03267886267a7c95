package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPlace;
import dev.cairn.ports.cache.BlockKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What it takes to have the first tokens of a prompt in the device. */
final class FetchPlan {

    private final int tokens;
    private final List<BlockPlace> kept = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();
    private final Map<Lane, Long> bytes = new LinkedHashMap<>();

    FetchPlan(int tokens) {
        this.tokens = tokens;
    }

    int tokens() {
        return tokens;
    }

    /** Blocks that the device has and must keep. */
    List<BlockPlace> kept() {
        return kept;
    }

    /** Blocks to fetch, first ones first. */
    List<Missing> missing() {
        return missing;
    }

    void keep(BlockPlace place) {
        kept.add(place);
    }

    void fetch(BlockPlace place, BlockKey key, Lane lane, long blockBytes) {
        missing.add(new Missing(place, key, lane, blockBytes));
        bytes.merge(lane, blockBytes, Long::sum);
    }

    /** Bytes to fetch from there. */
    long bytesFrom(Lane lane) {
        return bytes.getOrDefault(lane, 0L);
    }

    /** Tokens of the prefix to the end of the last block that is fetched, or more. */
    int endOfBlocks() {
        int end = tokens;
        for (Missing block : missing) {
            end = Math.max(end, block.place().end());
        }
        return end;
    }

    /** Whether everything can come slice by slice. */
    boolean readsSlices() {
        return missing.stream().allMatch(block -> block.lane.readsSlices(block.key));
    }

    /** Slices are to be had in parts of at least so many bytes. */
    long leastReadBytes() {
        long most = 1;
        for (Lane lane : bytes.keySet()) {
            most = Math.max(most, lane.leastReadBytes());
        }
        return most;
    }

    /** Predicted time: tiers work side by side. */
    double nanos() {
        double most = 0;
        for (Map.Entry<Lane, Long> share : bytes.entrySet()) {
            most = Math.max(most, share.getKey().nanos(share.getValue()));
        }
        return most;
    }

    record Missing(BlockPlace place, BlockKey key, Lane lane, long bytes) {}
}
