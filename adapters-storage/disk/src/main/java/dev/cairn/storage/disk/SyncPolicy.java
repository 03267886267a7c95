package dev.cairn.storage.disk;

import java.util.Locale;

/** When bytes are forced to the device. A crash of the program loses nothing either way. */
public enum SyncPolicy {
    /** The operating system decides; a power failure may cost what was written last. */
    NEVER,
    /** Before blocks are reported as stored, once for all that were written together. */
    GROUP;

    /** As configuration writes it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException naming what may be written
     */
    public static SyncPolicy of(String label) {
        for (SyncPolicy policy : values()) {
            if (policy.label().equals(label)) {
                return policy;
            }
        }
        throw new IllegalArgumentException(
                "\"%s\" is no sync policy; write never or group".formatted(label));
    }
}
