package dev.cairn.core.route;

import java.util.HashSet;
import java.util.List;

/**
 * Bounds of a {@link PrefixIndex}.
 *
 * @param mostBlocks distinct blocks; each takes 24 to 40 bytes, and sets of holders come on top
 * @param mostWorkers workers at a time
 * @param tiers names that events use, fastest first, at most 8
 */
public record PrefixIndexOptions(int mostBlocks, int mostWorkers, List<String> tiers) {

    /** The tiers that workers have. */
    public static final List<String> TIERS = List.of("device", "host", "disk", "remote");

    private static final int MOST_BLOCKS = 1 << 28;
    private static final int MOST_TIERS = 8;

    /** Holders are chars. */
    private static final int MOST_HOLDERS = 1 << 16;

    public PrefixIndexOptions {
        tiers = List.copyOf(tiers);
        if (mostBlocks < 1 || mostBlocks > MOST_BLOCKS) {
            throw new IllegalArgumentException(
                    "an index has 1 to " + MOST_BLOCKS + " blocks, not " + mostBlocks);
        }
        if (tiers.isEmpty()
                || tiers.size() > MOST_TIERS
                || new HashSet<>(tiers).size() < tiers.size()) {
            throw new IllegalArgumentException("an index knows 1 to 8 different tiers: " + tiers);
        }
        if (mostWorkers < 1 || mostWorkers > MOST_HOLDERS >>> tierBits(tiers)) {
            throw new IllegalArgumentException(
                    "an index of %d tiers has 1 to %d workers, not %d"
                            .formatted(
                                    tiers.size(), MOST_HOLDERS >>> tierBits(tiers), mostWorkers));
        }
    }

    /** With the usual tiers. */
    public PrefixIndexOptions(int mostBlocks, int mostWorkers) {
        this(mostBlocks, mostWorkers, TIERS);
    }

    int tierBits() {
        return tierBits(tiers);
    }

    private static int tierBits(List<String> tiers) {
        return 32 - Integer.numberOfLeadingZeros(tiers.size() - 1);
    }
}
