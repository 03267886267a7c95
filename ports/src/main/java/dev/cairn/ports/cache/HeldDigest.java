package dev.cairn.ports.cache;

import java.util.List;

/**
 * Stands for the blocks that a worker holds in one tier, so that two sides can compare them without
 * a list.
 *
 * @param tier {@code "device"}, {@code "host"}, ...
 * @param blocks how many
 * @param sums one per range of keys; the core defines ranges and keys
 */
public record HeldDigest(String tier, long blocks, List<Long> sums) {

    public HeldDigest {
        sums = List.copyOf(sums);
    }
}
