package dev.cairn.core.fleet;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prompt tokens that one worker has to compute for whom, of what was sent to it: how much comes
 * before a request is a matter of its priority and of its tenant, for workers serve tenants in
 * turns ({@code TenantShares} of the scheduler).
 *
 * <p>Threads: one mailbox owns it.
 */
final class WaitingWork {

    /** Parts the caller's key from its own salt in {@code GenerationRequest.tenant}. */
    private static final char SALT = ':';

    /** By priority, the best first, then by tenant. */
    private final TreeMap<Integer, Map<String, Long>> tokens = new TreeMap<>();

    private long all;

    /** A prompt is sent there. */
    void add(RoutedRequest request, long more) {
        change(request, more);
    }

    /** It is computed, or nobody wants it any more. */
    void remove(RoutedRequest request, long less) {
        change(request, -less);
    }

    private void change(RoutedRequest request, long by) {
        int priority = request.request().priority();
        Map<String, Long> ofPriority = tokens.computeIfAbsent(priority, _ -> new HashMap<>());
        ofPriority.merge(
                tenant(request),
                by,
                (before, change) -> before + change == 0 ? null : before + change);
        if (ofPriority.isEmpty()) {
            tokens.remove(priority);
        }
        all += by;
    }

    private static String tenant(RoutedRequest request) {
        String name = request.request().tenant();
        int salt = name.indexOf(SALT);
        return salt < 0 ? name : name.substring(0, salt);
    }

    /**
     * What is computed until a prompt is, if it is sent there now: all of better priority, and of
     * its own priority as much of every tenant as its own has waiting, by weight.
     *
     * @param own tokens of that prompt
     * @param waiting all that the worker has to compute, others' prompts included
     * @param weights of tenants; 1 for those that are not named
     */
    long until(RoutedRequest request, long own, long waiting, Map<String, Double> weights) {
        int priority = request.request().priority();
        long before = Math.max(0, waiting - all);
        for (Map<String, Long> better : tokens.headMap(priority).values()) {
            for (long each : better.values()) {
                before += each;
            }
        }
        String tenant = tenant(request);
        Map<String, Long> equal = tokens.getOrDefault(priority, Map.of());
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
