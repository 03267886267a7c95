package dev.cairn.core.simulate;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What one cache without end would find of a trace's prompts: no fleet finds more. */
public final class InfiniteCache {

    private InfiniteCache() {}

    /** Prompt tokens in full blocks that an earlier request had, one at least of each left out. */
    public static long hits(List<TraceRequest> requests, int blockTokens) {
        Set<Long> known = new HashSet<>();
        long hits = 0;
        for (TraceRequest request : requests) {
            int full = request.fullBlocks(blockTokens);
            int found = 0;
            while (found < full && known.contains(request.blocks()[found])) {
                found++;
            }
            hits += Math.min((long) found * blockTokens, request.inputTokens() - 1L);
            for (int block = found; block < full; block++) {
                known.add(request.blocks()[block]);
            }
        }
        return hits;
    }
}
