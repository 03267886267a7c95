package dev.cairn.transport.http;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Who may do what. Keys are compared by their digests in constant time, all of them each time, so
 * that the time taken tells nothing about any. Immutable.
 */
final class Access {

    private static final String SCHEME = "Bearer ";

    private final List<byte[]> keys;
    private final Optional<byte[]> adminKey;

    Access(List<String> keys, Optional<String> adminKey) {
        this.keys = keys.stream().map(key -> sha256(key)).toList();
        this.adminKey = adminKey.map(key -> sha256(key));
    }

    /**
     * The tenant that a request belongs to: a digest of its key, empty where no key is asked for.
     *
     * @param authorization the header, if any
     * @throws RequestRefused if a key is asked for and this is none
     */
    String tenant(Optional<String> authorization) {
        if (keys.isEmpty()) {
            return "";
        }
        byte[] digest = sha256(key(authorization).orElseThrow(Access::keyMissing));
        boolean known = matches(adminKey, digest);
        for (byte[] key : keys) {
            known |= MessageDigest.isEqual(key, digest);
        }
        if (!known) {
            throw refused(
                    Category.UNAUTHENTICATED,
                    "invalid_api_key",
                    "Incorrect API key provided: send one that this server was started with");
        }
        return tenantOf(digest);
    }

    /** The tenant of who brings this key. */
    static String tenantOf(String key) {
        return tenantOf(sha256(key));
    }

    private static String tenantOf(byte[] digest) {
        return HexFormat.of().formatHex(sha256("cairn tenant " + HexFormat.of().formatHex(digest)));
    }

    /**
     * With an admin key its bearer is the administrator; without one whoever is on this machine,
     * and has a key if keys are asked for.
     *
     * @param direct whether the client is on this machine and no proxy says that it speaks for
     *     another
     * @throws RequestRefused if the verbs of the administrator are not for this client
     */
    void demandAdministrator(Optional<String> authorization, boolean direct) {
        if (adminKey.isEmpty() && !direct) {
            throw refused(
                    Category.FORBIDDEN,
                    "admin_only",
                    "administration answers loopback only; start the server with an admin key to"
                            + " reach it from elsewhere");
        }
        if (adminKey.isPresent()
                && !matches(adminKey, sha256(key(authorization).orElseThrow(Access::keyMissing)))) {
            throw refused(
                    Category.UNAUTHENTICATED,
                    "invalid_api_key",
                    "this verb asks for the admin key");
        }
        if (adminKey.isEmpty()) {
            // Whoever has a key may, from this machine; others on it may not.
            tenant(authorization);
        }
    }

    /**
     * The tenant of a request that brought a {@code cache_salt}: bound to the caller's key, so that
     * nobody can name another's. The account stays readable before the colon, so that many salts
     * get no more than one.
     */
    static String salted(String tenant, String salt) {
        return tenant + ":" + HexFormat.of().formatHex(sha256(tenant + " salt " + salt));
    }

    private static boolean matches(Optional<byte[]> wanted, byte[] digest) {
        return wanted.isPresent() && MessageDigest.isEqual(wanted.get(), digest);
    }

    private static Optional<String> key(Optional<String> authorization) {
        return authorization
                .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(value -> value.substring(SCHEME.length()).strip())
                .filter(value -> !value.isEmpty());
    }

    private static RequestRefused keyMissing() {
        return refused(
                Category.UNAUTHENTICATED,
                "missing_api_key",
                "You didn't provide an API key. Send it in a header: Authorization: Bearer KEY");
    }

    private static RequestRefused refused(Category category, String code, String message) {
        return new RequestRefused(RequestProblem.of(category, code, message));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java has SHA-256", missing);
        }
    }
}
