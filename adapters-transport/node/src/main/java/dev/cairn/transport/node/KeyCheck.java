package dev.cairn.transport.node;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/** Whether somebody brings the key; takes as long wherever a wrong one differs. Immutable. */
final class KeyCheck {

    private static final String SCHEME = "Bearer ";

    private final Optional<byte[]> key;

    /**
     * @param key empty = nothing is asked for
     */
    KeyCheck(Optional<String> key) {
        this.key = key.map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * @param authorization the header, if any
     */
    boolean opens(Optional<String> authorization) {
        if (key.isEmpty()) {
            return true;
        }
        byte[] brought =
                authorization
                        .filter(value -> value.startsWith(SCHEME))
                        .map(value -> value.substring(SCHEME.length()))
                        .orElse("")
                        .getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(key.get(), brought);
    }
}
