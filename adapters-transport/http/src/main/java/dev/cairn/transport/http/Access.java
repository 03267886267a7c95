package dev.cairn.transport.http;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Who may do what. Keys are compared by their digests in constant time, all of them each time, so
 * that the time taken tells nothing about any. Threads: any.
 */
final class Access {

    private static final String SCHEME = "Bearer ";

    private final ApiKeys keys;
    private final Optional<byte[]> adminKey;

    Access(ApiKeys keys, Optional<String> adminKey) {
        this.keys = keys;
        this.adminKey = adminKey.map(Digests::sha256);
    }

    /**
     * The tenant that a request belongs to: a digest of its key, empty where no key is asked for.
     *
     * @param authorization the header, if any
     * @throws RequestRefused if a key is asked for and this is none
     */
    String tenant(Optional<String> authorization) {
        if (keys.areNone()) {
            return "";
        }
        byte[] digest = Digests.sha256(key(authorization).orElseThrow(Access::keyMissing));
        boolean isAdministrator = matches(adminKey, digest);
        Optional<ApiKey> found = keys.find(digest);
        if (found.isEmpty() && !isAdministrator) {
            throw refused(
                    Category.UNAUTHENTICATED,
                    "invalid_api_key",
                    "Incorrect API key provided: send one that this server knows");
        }
        return found.map(ApiKey::tenant).orElseGet(() -> ApiKey.tenantOf(digest));
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
                && !matches(
                        adminKey,
                        Digests.sha256(key(authorization).orElseThrow(Access::keyMissing)))) {
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
        return tenant + ":" + Digests.hex(tenant + " salt " + salt);
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
}
