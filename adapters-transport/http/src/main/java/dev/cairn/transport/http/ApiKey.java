package dev.cairn.transport.http;

import dev.cairn.ports.request.AccountRules;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A key that clients send, known by its digest alone.
 *
 * @param sha256 of the key's UTF-8 bytes
 * @param tenant whose requests it marks
 * @param rules empty = may do everything
 * @param weight share when there is not enough for all; empty = 1
 */
record ApiKey(byte[] sha256, String tenant, Optional<AccountRules> rules, OptionalDouble weight) {

    /** A key without rules, a tenant of its own. */
    static ApiKey free(String key) {
        byte[] digest = Digests.sha256(key);
        return new ApiKey(digest, tenantOf(digest), Optional.empty(), OptionalDouble.empty());
    }

    /** The tenant of a key that shares with nobody. */
    static String tenantOf(byte[] sha256) {
        return Digests.hex("cairn tenant " + HexFormat.of().formatHex(sha256));
    }

    /** The tenant of keys that share an account by its name. */
    static String tenantNamed(String name) {
        return Digests.hex("cairn account " + name);
    }
}
