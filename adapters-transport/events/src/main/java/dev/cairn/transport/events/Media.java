package dev.cairn.transport.events;

import java.util.Locale;

/** Engines' names for the places of blocks, and Cairn's tiers. */
final class Media {

    private static final String DEVICE = "device";
    private static final String HOST = "host";
    private static final String DISK = "disk";
    private static final String REMOTE = "remote";

    private Media() {}

    /**
     * The tier that an engine means.
     *
     * @param medium null = it says nothing, which is its device
     */
    static String tier(String medium) {
        if (medium == null) {
            return DEVICE;
        }
        return switch (medium.toLowerCase(Locale.ROOT)) {
            case "gpu", "npu", "hbm", DEVICE -> DEVICE;
            case "cpu", "cpu_pinned", "cpu_tier1", "cpu_tier2", "dram", HOST -> HOST;
            case "disk", "ssd", "nvme", "fs" -> DISK;
            default -> REMOTE;
        };
    }

    /** What vLLM and SGLang call a tier. */
    static String medium(String tier) {
        return switch (tier) {
            case DEVICE -> "GPU";
            case HOST -> "CPU";
            case DISK -> "DISK";
            default -> "EXTERNAL";
        };
    }
}
