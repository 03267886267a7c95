package dev.cairn.core.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What every tenant has been given, so that the one with the least goes first: the virtual token
 * counter of Sheng et al., "Fairness in Serving Large Language Models" (OSDI 2024). A prompt counts
 * when it is admitted, less what the cache had of it; a token of the answer counts twice as much,
 * when it is made. Counters are divided by the tenant's weight.
 *
 * <p>A tenant that comes back to the queue is lifted to the least counter there: who was idle has
 * saved nothing. Salts of one key are one tenant here.
 *
 * <p>Threads: one mailbox owns it.
 */
final class TenantShares {

    /** Parts the caller's key from its own salt in {@code GenerationRequest.tenant}. */
    private static final char SALT = ':';

    private static final double PROMPT_TOKEN = 1;
    private static final double ANSWER_TOKEN = 2;

    /** Accounts kept although nobody uses them now; the least that must be remembered is much. */
    private static final int MOST_IDLE_ACCOUNTS = 4096;

    private final Map<String, Double> weights;
    private final Map<String, Account> accounts = new HashMap<>();
    private final List<Account> queued = new ArrayList<>();
    private double lastServed;

    /**
     * @param weights by tenant, above 0; 1 for tenants that are not named
     */
    TenantShares(Map<String, Double> weights) {
        this.weights = weights;
    }

    /** Tenants that have something in the queue. */
    List<Account> queued() {
        return queued;
    }

    /** A request begins; its tenant's account. */
    Account enter(String tenant) {
        int salt = tenant.indexOf(SALT);
        String name = salt < 0 ? tenant : tenant.substring(0, salt);
        Account account = accounts.get(name);
        if (account == null) {
            if (accounts.size() >= MOST_IDLE_ACCOUNTS) {
                accounts.values().removeIf(idle -> idle.requests == 0);
            }
            account = new Account(weights.getOrDefault(name, 1.0));
            accounts.put(name, account);
        }
        account.requests++;
        return account;
    }

    /** A request is over. */
    void leave(Account account) {
        account.requests--;
    }

    /** A sequence of this tenant comes into the queue. */
    void enqueue(Account account, Sequence sequence) {
        if (account.waiting.isEmpty()) {
            if (!sequence.live().hasStarted()) {
                account.counter = Math.max(account.counter, leastQueued());
            }
            queued.add(account);
        }
        account.waiting.add(sequence);
    }

    private double leastQueued() {
        if (queued.isEmpty()) {
            return lastServed;
        }
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < queued.size(); i++) {
            least = Math.min(least, queued.get(i).counter);
        }
        return least;
    }

    void dequeue(Account account, Sequence sequence) {
        account.waiting.remove(sequence);
        if (account.waiting.isEmpty()) {
            queued.remove(account);
        }
    }

    /** A prompt was admitted that has so many tokens to compute. */
    void admitted(Account account, int promptTokens) {
        lastServed = account.counter;
        account.counter += PROMPT_TOKEN * promptTokens / account.weight;
    }

    void answered(Account account, int tokens) {
        account.counter += ANSWER_TOKEN * tokens / account.weight;
    }

    /** One tenant. */
    static final class Account {

        private final double weight;
        private final TreeSet<Sequence> waiting = new TreeSet<>(Sequence.RANK);
        private double counter;
        private int requests;
        private int fresh;
        private Sequence next;

        private Account(double weight) {
            this.weight = weight;
        }

        /** Service so far, by weight. */
        double counter() {
            return counter;
        }

        TreeSet<Sequence> waiting() {
            return waiting;
        }

        /** Whose turn it is in this pass over the queue; null = nobody's. */
        Sequence next() {
            return next;
        }

        void next(Sequence sequence) {
            next = sequence;
        }

        /** Notes requests in the queue that have not started. */
        void fresh(int change) {
            fresh += change;
        }

        /** Requests in the queue that have not started, by weight, with {@code more} besides. */
        double queueShare(int more) {
            return (fresh + more) / weight;
        }
    }
}
