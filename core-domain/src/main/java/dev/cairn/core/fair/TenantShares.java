package dev.cairn.core.fair;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * What every tenant has been given, so that the one with the least goes first: the virtual token
 * counter of Sheng et al., "Fairness in Serving Large Language Models" (OSDI 2024). A prompt counts
 * when it is admitted, less what the cache had of it; a token of the answer counts twice as much,
 * when it is made. Counters are divided by the tenant's weight.
 *
 * <p>A tenant that comes back to the queue is lifted to the least counter there: who was idle has
 * saved nothing. Salts of one key are one tenant here.
 *
 * <p>A {@linkplain #beginPass pass} visits what waits in the order in which it should start: the
 * most urgent first, among equals the tenant that has been given least, and of a tenant the best
 * rank.
 *
 * <p>Threads: one mailbox owns it.
 *
 * @param <T> what waits: a scheduler's sequences, a router's requests
 */
public final class TenantShares<T> {

    /** Parts the caller's key from its own salt in {@code GenerationRequest.tenant}. */
    private static final char SALT = ':';

    private static final double PROMPT_TOKEN = 1;
    private static final double ANSWER_TOKEN = 2;

    /** Accounts kept although nobody uses them now; the least that must be remembered is much. */
    private static final int MOST_IDLE_ACCOUNTS = 4096;

    private final Map<String, Double> weights;
    private final Comparator<T> rank;
    private final ToLongFunction<T> urgency;
    private final Map<String, Account<T>> accounts = new HashMap<>();
    private final List<Account<T>> queued = new ArrayList<>();
    private double lastServed;

    /**
     * @param weights by tenant, above 0; 1 for tenants that are not named
     * @param rank the order of one tenant's, the urgent first; no two are equal
     * @param urgency less comes first, whoever the tenant is
     */
    public TenantShares(
            Map<String, Double> weights, Comparator<T> rank, ToLongFunction<T> urgency) {
        this.weights = weights;
        this.rank = rank;
        this.urgency = urgency;
    }

    /** Whose account a request is put on: salts of one key are one tenant. */
    public static String name(String tenant) {
        int salt = tenant.indexOf(SALT);
        return salt < 0 ? tenant : tenant.substring(0, salt);
    }

    /** Tenants that have something in the queue. */
    public List<Account<T>> queued() {
        return queued;
    }

    /** A request begins; its tenant's account. */
    public Account<T> enter(String tenant) {
        String name = name(tenant);
        Account<T> account = accounts.get(name);
        if (account == null) {
            if (accounts.size() >= MOST_IDLE_ACCOUNTS) {
                accounts.values().removeIf(idle -> idle.requests == 0);
            }
            account = new Account<>(weights.getOrDefault(name, 1.0), rank);
            accounts.put(name, account);
        }
        account.requests++;
        return account;
    }

    /** A request is over. */
    public void leave(Account<T> account) {
        account.requests--;
    }

    /**
     * Something of this tenant comes into the queue.
     *
     * @param hasStarted whether it was served before
     */
    public void enqueue(Account<T> account, T waiting, boolean hasStarted) {
        if (account.waiting.isEmpty()) {
            if (!hasStarted) {
                account.counter = Math.max(account.counter, leastQueued());
            }
            queued.add(account);
        }
        account.waiting.add(waiting);
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

    /** It is in the queue no more. */
    public void dequeue(Account<T> account, T waiting) {
        account.waiting.remove(waiting);
        if (account.waiting.isEmpty()) {
            queued.remove(account);
        }
    }

    /** Begins to visit the queue; nothing may come in before the pass is over. */
    public void beginPass() {
        for (int i = 0; i < queued.size(); i++) {
            Account<T> account = queued.get(i);
            account.next = account.waiting.first();
        }
    }

    /** Whom to start next, by what tenants have been given by now; null at the end of the pass. */
    public T next() {
        Account<T> first = null;
        for (int i = 0; i < queued.size(); i++) {
            Account<T> account = queued.get(i);
            if (account.next != null && (first == null || comesBefore(account, first))) {
                first = account;
            }
        }
        if (first == null) {
            return null;
        }
        T next = first.next;
        first.next = first.waiting.higher(next);
        return next;
    }

    private boolean comesBefore(Account<T> one, Account<T> other) {
        long urgent = urgency.applyAsLong(one.next);
        long otherUrgent = urgency.applyAsLong(other.next);
        if (urgent != otherUrgent) {
            return urgent < otherUrgent;
        }
        if (one.counter != other.counter) {
            return one.counter < other.counter;
        }
        return rank.compare(one.next, other.next) < 0;
    }

    /** A prompt was admitted that has so many tokens to compute. */
    public void admitted(Account<T> account, int promptTokens) {
        lastServed = account.counter;
        account.counter += PROMPT_TOKEN * promptTokens / account.weight;
    }

    /** So many tokens were made for it. */
    public void answered(Account<T> account, int tokens) {
        account.counter += ANSWER_TOKEN * tokens / account.weight;
    }

    /**
     * One tenant.
     *
     * @param <T> what waits
     */
    public static final class Account<T> {

        private final double weight;
        private final TreeSet<T> waiting;
        private double counter;
        private int requests;
        private int fresh;
        private T next;

        private Account(double weight, Comparator<T> rank) {
            this.weight = weight;
            this.waiting = new TreeSet<>(rank);
        }

        /** Service so far, by weight. */
        public double counter() {
            return counter;
        }

        /** What of its waits, in the order of rank. */
        public NavigableSet<T> waiting() {
            return waiting;
        }

        /** Notes requests in the queue that have not started. */
        public void fresh(int change) {
            fresh += change;
        }

        /** Requests in the queue that have not started, by weight, with {@code more} besides. */
        public double queueShare(int more) {
            return (fresh + more) / weight;
        }
    }
}
