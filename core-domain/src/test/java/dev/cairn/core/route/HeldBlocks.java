package dev.cairn.core.route;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a prefix index has to know, kept as plainly as can be: a count per worker, tier and key. */
final class HeldBlocks {

    private final List<String> tiers;
    private final List<List<Map<Long, Integer>>> held = new ArrayList<>();

    HeldBlocks(int workers, List<String> tiers) {
        this.tiers = tiers;
        for (int worker = 0; worker < workers; worker++) {
            List<Map<Long, Integer>> byTier = new ArrayList<>();
            tiers.forEach(_ -> byTier.add(new HashMap<>()));
            held.add(byTier);
        }
    }

    void apply(int worker, KvEvent event) {
        switch (event) {
            case KvEvent.BlocksStored stored -> {
                for (BlockHash hash : stored.hashes()) {
                    of(worker, stored.tier())
                            .merge(PrefixIndex.key(hash, stored.group()), 1, Integer::sum);
                }
            }
            case KvEvent.BlocksRemoved removed -> {
                for (BlockHash hash : removed.hashes()) {
                    of(worker, removed.tier())
                            .computeIfPresent(
                                    PrefixIndex.key(hash, removed.group()),
                                    (_, count) -> count == 1 ? null : count - 1);
                }
            }
            case KvEvent.AllCleared() -> held.get(worker).forEach(Map::clear);
        }
    }

    private Map<Long, Integer> of(int worker, String tier) {
        return held.get(worker).get(tiers.indexOf(tier));
    }

    Set<Long> keys(int worker, int tier) {
        return held.get(worker).get(tier).keySet();
    }

    int depth(int worker, long[] prefix) {
        int depth = 0;
        while (depth < prefix.length && fastest(worker, prefix[depth]) >= 0) {
            depth++;
        }
        return depth;
    }

    int blocks(int worker, int tier, long[] prefix) {
        int blocks = 0;
        int depth = depth(worker, prefix);
        for (int i = 0; i < depth; i++) {
            blocks += fastest(worker, prefix[i]) == tier ? 1 : 0;
        }
        return blocks;
    }

    private int fastest(int worker, long key) {
        for (int tier = 0; tier < tiers.size(); tier++) {
            if (held.get(worker).get(tier).containsKey(key)) {
                return tier;
            }
        }
        return -1;
    }

    long entries() {
        return held.stream().flatMap(List::stream).mapToLong(Map::size).sum();
    }

    int blocks() {
        Set<Long> all = new HashSet<>();
        held.forEach(byTier -> byTier.forEach(keys -> all.addAll(keys.keySet())));
        return all.size();
    }
}
