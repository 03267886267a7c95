package dev.cairn.core.schedule;

import dev.cairn.core.cache.Onboarding;
import dev.cairn.core.cache.Prefetch;

/**
 * What a waiting sequence gives time to, because it could begin with it: a better-ranked sequence
 * that computes the same prefix, or a fetch that brings it from a tier.
 *
 * <p>Threads: one mailbox owns it.
 */
final class AwaitedBlocks {

    /** Fetches between two starts. Tiers that never have what they say would hold it up forever. */
    private static final int MAX_FETCHES = 3;

    private Sequence leader;
    private int leaderTokens;
    private Onboarding fetch;
    private boolean own;
    private int fetches;
    private boolean disappointed;
    private Prefetch prefetch;
    private boolean prefetched;

    /** It waits until the leader, which runs, has computed tokens that both begin with. */
    void follow(Sequence running, int tokensInCommon) {
        leader = running;
        leaderTokens = tokensInCommon;
    }

    boolean isWorthWaiting() {
        if (leader != null && (leader.blocks() == null || leader.computed() >= leaderTokens)) {
            leader = null;
        }
        return leader != null || (fetch != null && !fetch.isOver());
    }

    boolean mayFetch() {
        return !disappointed && fetches < MAX_FETCHES;
    }

    /** It waits until the fetch is over. */
    void await(Onboarding begun) {
        fetch = begun;
        own = !begun.isShared();
        fetches++;
    }

    /** The fetch that it may begin with although not all has come; null = there is none. */
    Onboarding early(long nanos) {
        return fetch != null && own && fetch.mayBegin(nanos) ? fetch : null;
    }

    /** What it began with did not come: it computes from now on. */
    void disappointed() {
        disappointed = true;
    }

    /** Whether what it will begin with may be brought closer; once. */
    boolean mayPrefetch() {
        return !prefetched && mayFetch() && !isWorthWaiting();
    }

    /**
     * What it will begin with comes closer.
     *
     * @param begun null = nothing has to
     */
    void prefetches(Prefetch begun) {
        prefetched = true;
        prefetch = begun;
    }

    /** The fetch that it waits for, or waited for, which it does not any more; or null. */
    Onboarding takeFetch() {
        if (prefetch != null) {
            prefetch.end();
            prefetch = null;
        }
        Onboarding taken = fetch;
        fetch = null;
        return taken;
    }

    /** The sequence runs and follows nobody. */
    void started() {
        leader = null;
    }

    /** The sequence lost its blocks: what it begins with may be fetched anew. */
    void lostBlocks() {
        fetches = 0;
    }
}
