package dev.cairn.storage.slots;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Whose turn it is to leave when there is no room. */
public enum EvictionPolicy {
    /** What was used longest ago. */
    LRU,
    /**
     * Three queues that let blocks used once pass quickly (Yang, Zhang, Qiu, Yue, Rashmi: "FIFO
     * queues are all you need for cache eviction", SOSP 2023).
     */
    S3_FIFO,
    /** What was used least often, old uses counting less and less. */
    LFU,
    /** What was stored longest ago, and so is the next to expire. */
    TTL;

    /** As configuration writes it: {@code "s3-fifo"}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * @throws IllegalArgumentException naming what may be written
     */
    public static EvictionPolicy of(String label) {
        for (EvictionPolicy policy : values()) {
            if (policy.label().equals(label)) {
                return policy;
            }
        }
        throw new IllegalArgumentException(
                "\"%s\" is no eviction policy; write %s"
                        .formatted(
                                label,
                                Arrays.stream(values())
                                        .map(EvictionPolicy::label)
                                        .collect(Collectors.joining(", "))));
    }
}
