package dev.cairn.core.request;

import dev.cairn.ports.request.AccountRules;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Holds accounts to their rules: models, requests and tokens per minute, tokens per day. Who has no
 * rules may do everything. A request's prompt is charged when it is let in, its answer when that is
 * over, so nobody has to guess how long it will be.
 *
 * <p>Threads: any.
 */
public final class Accounts {

    private final Clock clock;
    private final Telemetry.Counter tokens;
    private final Telemetry.Counter refusals;
    private volatile Map<String, Account> byTenant = Map.of();

    public Accounts(Clock clock, Telemetry telemetry) {
        this.clock = clock;
        this.tokens =
                telemetry.counter(
                        "cairn:account_tokens_total",
                        "Tokens charged to accounts.",
                        List.of("account"));
        this.refusals =
                telemetry.counter(
                        "cairn:account_refusals_total",
                        "Requests that an account's rules refused.",
                        List.of("account", "reason"));
    }

    /**
     * From now on these rules hold. What accounts have spent stays spent.
     *
     * @param rules by tenant
     */
    public void rules(Map<String, AccountRules> rules) {
        Map<String, Account> old = byTenant;
        Map<String, Account> now = new HashMap<>();
        rules.forEach(
                (tenant, each) -> {
                    AtomicReference<Allowance> left =
                            old.containsKey(tenant)
                                    ? old.get(tenant).left()
                                    : new AtomicReference<>(
                                            Allowance.full(
                                                    each, clock.nanos(), clock.epochMillis()));
                    now.put(tenant, new Account(each, left));
                });
        byTenant = Map.copyOf(now);
    }

    /** Whether a tenant may use a model. */
    public boolean mayUse(String tenant, String model) {
        return find(tenant).map(account -> account.rules().allows(model)).orElse(true);
    }

    /** The priority of a request that asked for one. */
    int priority(String tenant, int asked) {
        return find(tenant)
                .map(
                        account ->
                                (int)
                                        Math.min(
                                                Integer.MAX_VALUE,
                                                (long) account.rules().priority()
                                                        + Math.max(0, asked)))
                .orElse(asked);
    }

    /**
     * @throws RequestRefused as for a model that does not exist: what others may use is nobody's
     *     business
     */
    public void demandModel(String tenant, String model) {
        if (!mayUse(tenant, model)) {
            refusals.add(1, find(tenant).orElseThrow().rules().name(), "model");
            throw ModelRegistry.unknown(model);
        }
    }

    /**
     * Lets a request in and charges its prompt.
     *
     * @throws RequestRefused saying when to come again; nothing is charged then
     */
    public void admit(String tenant, int promptTokens) {
        Optional<Account> found = find(tenant);
        if (found.isEmpty()) {
            return;
        }
        Account account = found.get();
        AccountRules rules = account.rules();
        long nanos = clock.nanos();
        long epochMillis = clock.epochMillis();
        while (true) {
            Allowance before = account.left().get();
            Allowance now = before.at(rules, nanos, epochMillis);
            refuse(rules, now, epochMillis);
            if (account.left().compareAndSet(before, now.asked().spent(promptTokens))) {
                tokens.add(promptTokens, rules.name());
                return;
            }
        }
    }

    /** Whether this tenant's tokens are counted. */
    public boolean counts(String tenant) {
        return find(tenant).isPresent();
    }

    /** Charges tokens of an answer. */
    public void charge(String tenant, int count) {
        find(tenant)
                .ifPresent(
                        account -> {
                            account.left().updateAndGet(left -> left.spent(count));
                            tokens.add(count, account.rules().name());
                        });
    }

    private void refuse(AccountRules rules, Allowance now, long epochMillis) {
        long day = now.millisToDay(rules, epochMillis);
        if (day > 0) {
            throw refused(
                    rules,
                    "tokens_per_day",
                    "insufficient_quota",
                    "has spent its " + rules.tokensPerDay().getAsLong() + " tokens of this day",
                    day);
        }
        long tokensIn = now.millisToTokens(rules);
        if (tokensIn > 0) {
            throw refused(
                    rules,
                    "tokens_per_minute",
                    "rate_limit_exceeded",
                    "may use " + rules.tokensPerMinute().getAsLong() + " tokens a minute",
                    tokensIn);
        }
        long requestIn = now.millisToRequest(rules);
        if (requestIn > 0) {
            throw refused(
                    rules,
                    "requests_per_minute",
                    "rate_limit_exceeded",
                    "may send " + rules.requestsPerMinute().getAsInt() + " requests a minute",
                    requestIn);
        }
    }

    private RequestRefused refused(
            AccountRules rules, String reason, String code, String what, long millis) {
        refusals.add(1, rules.name(), reason);
        return new RequestRefused(
                new RequestProblem(
                        Category.OVERLOADED,
                        "the account "
                                + Values.quoted(rules.name())
                                + " "
                                + what
                                + "; try again in "
                                + Math.ceilDiv(millis, 1000)
                                + " s",
                        Optional.empty(),
                        code,
                        OptionalLong.of(millis)));
    }

    /** A salt of the caller's own follows the account after a colon. */
    private Optional<Account> find(String tenant) {
        Map<String, Account> accounts = byTenant;
        if (accounts.isEmpty()) {
            return Optional.empty();
        }
        int colon = tenant.indexOf(':');
        return Optional.ofNullable(accounts.get(colon < 0 ? tenant : tenant.substring(0, colon)));
    }

    private record Account(AccountRules rules, AtomicReference<Allowance> left) {}
}
