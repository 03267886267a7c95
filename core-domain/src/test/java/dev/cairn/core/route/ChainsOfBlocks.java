package dev.cairn.core.route;

import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Prompts that share prefixes, and events about their blocks as engines would send them, and worse.
 */
final class ChainsOfBlocks {

    private final List<List<BlockHash>> chains = new ArrayList<>();
    private final SeededRandom random;
    private final List<String> tiers;
    private final int groups;

    ChainsOfBlocks(SeededRandom random, int chains, int longest, List<String> tiers, int groups) {
        this.random = random;
        this.tiers = tiers;
        this.groups = groups;
        for (int i = 0; i < chains; i++) {
            List<BlockHash> chain = new ArrayList<>();
            if (i > 0 && random.nextInt(4) > 0) {
                List<BlockHash> other = this.chains.get(random.nextInt(i));
                chain.addAll(other.subList(0, random.nextInt(other.size() + 1)));
            }
            int length = 1 + random.nextInt(longest);
            while (chain.size() < length) {
                chain.add(new BlockHash(0, 0, 0, random.nextLong()));
            }
            this.chains.add(chain);
        }
    }

    List<BlockHash> any() {
        return chains.get(random.nextInt(chains.size()));
    }

    long[] anyPrefix(int group) {
        return any().stream().mapToLong(hash -> PrefixIndex.key(hash, group)).toArray();
    }

    KvEvent anyEvent() {
        int kind = random.nextInt(100);
        int group = random.nextInt(groups);
        String tier = tiers.get(random.nextInt(tiers.size()));
        List<BlockHash> chain = any();
        if (kind == 0) {
            return new KvEvent.AllCleared();
        }
        if (kind < 45) {
            return removal(chain, group, tier);
        }
        int from = random.nextInt(3) == 0 ? random.nextInt(chain.size()) : 0;
        int to = from + 1 + random.nextInt(chain.size() - from);
        return new KvEvent.BlocksStored(
                chain.subList(from, to),
                from == 0 ? null : chain.get(from - 1),
                List.of(),
                16,
                group,
                tier,
                "");
    }

    /** From the end on, as caches do; or blocks from anywhere, known or not. */
    private KvEvent removal(List<BlockHash> chain, int group, String tier) {
        List<BlockHash> removed =
                new ArrayList<>(chain.subList(random.nextInt(chain.size()), chain.size()));
        if (random.nextInt(3) == 0) {
            removed = removed.subList(0, 1 + random.nextInt(removed.size()));
        } else {
            Collections.reverse(removed);
        }
        return new KvEvent.BlocksRemoved(removed, group, tier);
    }
}
