package dev.cairn.transport.http;

import dev.cairn.ports.request.AccountRules;
import dev.cairn.ports.request.RequestRefused;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The keys of {@link HttpOptions} for a front door that is not {@link HttpServer}: the same clients
 * come in by it. Threads: any.
 */
public final class ClientAccess {

    private final ApiKeys keys;
    private final Access access;

    /**
     * @throws dev.cairn.ports.system.Settings.SettingException if the file of keys cannot be used
     */
    public ClientAccess(HttpOptions options) {
        this.keys = HttpSettings.keys(options.apiKeys(), options.apiKeyFile());
        this.access = new Access(keys, options.adminKey());
    }

    /** Whether a key is asked for. */
    public boolean asksForKeys() {
        return !keys.areNone();
    }

    /** What tenants may do, of those that have rules. */
    public Map<String, AccountRules> rules() {
        return keys.rules();
    }

    /** Looks at the file of keys, and tells the rules if they are new. */
    public void reloadIfChanged(Consumer<Map<String, AccountRules>> newRules) {
        keys.reloadIfChanged(newRules);
    }

    /**
     * The tenant that a request belongs to; empty where no key is asked for.
     *
     * @throws RequestRefused if a key is asked for and this is none
     */
    public String tenant(Optional<String> authorization) {
        return access.tenant(authorization);
    }

    /**
     * @throws RequestRefused if the verbs of the administrator are not for this client
     */
    public void demandAdministrator(Optional<String> authorization, boolean direct) {
        access.demandAdministrator(authorization, direct);
    }
}
