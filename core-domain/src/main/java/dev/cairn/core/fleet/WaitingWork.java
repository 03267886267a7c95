package dev.cairn.core.fleet;

import dev.cairn.core.fair.TenantShares;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prompts that are still to be computed, for whom: of what was sent to one worker, or of what waits
 * here. How much comes before a request is a matter of its priority and of its tenant, for both
 * serve tenants in turns ({@link TenantShares}).
 *
 * <p>Threads: one mailbox owns it.
 */
final class WaitingWork {

    /** Prompts of one priority. */
    private static final class Level {

        private final Map<String, Long> tokens = new HashMap<>();
        private long all;
        private int requests;
    }

    /** The best first. */
    private final TreeMap<Integer, Level> byPriority = new TreeMap<>();

    private long all;
    private int requests;

    /** A prompt is sent there. */
    void add(RoutedRequest request, long more) {
        change(request, more, 1);
    }

    /** It is computed, or nobody wants it any more. */
    void remove(RoutedRequest request, long less) {
        change(request, -less, -1);
    }

    private void change(RoutedRequest request, long by, int count) {
        int priority = request.request().priority();
        Level level = byPriority.computeIfAbsent(priority, _ -> new Level());
        level.tokens.merge(
                tenant(request),
                by,
                (before, change) -> before + change == 0 ? null : before + change);
        level.all += by;
        level.requests += count;
        if (level.requests == 0) {
            byPriority.remove(priority);
        }
        all += by;
        requests += count;
    }

    private static String tenant(RoutedRequest request) {
        return TenantShares.name(request.request().tenant());
    }

    /** Tokens of all of them. */
    long tokens() {
        return all;
    }

    /**
     * Tokens of prompts of a priority and of better ones.
     *
     * @param waiting all that there is, others' included, of whose priority nothing is known
     */
    long tokensUpTo(int priority, long waiting) {
        long sum = Math.max(0, waiting - all);
        for (Level level : byPriority.headMap(priority, true).values()) {
            sum += level.all;
        }
        return sum;
    }

    /**
     * How many prompts of a priority and of better ones there are.
     *
     * @param waiting all that there are, others' included, of whose priority nothing is known
     */
    int requestsUpTo(int priority, int waiting) {
        int sum = Math.max(0, waiting - requests);
        for (Level level : byPriority.headMap(priority, true).values()) {
            sum += level.requests;
        }
        return sum;
    }

    /**
     * What is computed until a prompt is, if it is sent there now: all of better priority, and of
     * its own priority as much of every tenant as its own has waiting, by weight.
     *
     * @param own tokens of that prompt
     * @param waiting all that there is to compute, others' prompts included
     * @param weights of tenants; 1 for those that are not named
     */
    long until(RoutedRequest request, long own, long waiting, Map<String, Double> weights) {
        int priority = request.request().priority();
        long before = Math.max(0, waiting - all);
        for (Level better : byPriority.headMap(priority).values()) {
            before += better.all;
        }
        String tenant = tenant(request);
        Level level = byPriority.get(priority);
        Map<String, Long> equal = level == null ? Map.of() : level.tokens;
        long ofTenant = equal.getOrDefault(tenant, 0L) + own;
        double turn = ofTenant / weights.getOrDefault(tenant, 1.0);
        for (Map.Entry<String, Long> other : equal.entrySet()) {
            if (!other.getKey().equals(tenant)) {
                double share = turn * weights.getOrDefault(other.getKey(), 1.0);
                before += (long) Math.min(other.getValue(), share);
            }
        }
        return before + ofTenant;
    }
}
