package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockHash;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often blocks were of use, also those that are nowhere any more. The blocks whose last use is
 * longest ago are forgotten first.
 *
 * <p>Threads: one mailbox owns it.
 */
final class UseCounts {

    private final Map<Block, Integer> counts;

    /**
     * @param most blocks that are remembered
     */
    UseCounts(int most) {
        counts =
                new LinkedHashMap<>(16, 0.75f, true) {

                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Block, Integer> eldest) {
                        return size() > most;
                    }
                };
    }

    /** One use more. */
    int used(int group, BlockHash hash) {
        return counts.merge(new Block(group, hash), 1, (before, one) -> Math.addExact(before, one));
    }

    private record Block(int group, BlockHash hash) {}
}
