package dev.cairn.core.schedule;

import dev.cairn.core.block.BlockPools;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.core.block.SequenceBlocks;
import dev.cairn.core.cache.Onboarding;
import dev.cairn.core.cache.TieredCache;
import dev.cairn.core.cache.Wish;
import dev.cairn.core.fair.TenantShares;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.StepBatch.BlockCopy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Fills steps: first one token for every sequence that decodes, then prompt chunks of those that
 * run, then new sequences from the queue while blocks and bounds allow.
 *
 * <p>A decode that finds no free block takes them from the worst-ranked sequence, which waits again
 * and is recomputed later; so the best-ranked one always proceeds, and no two wait for each other.
 * A sequence is admitted only if the blocks of its whole prompt are free beside what the running
 * prompts still need.
 *
 * <p>A new sequence begins with the longest prefix that the cache can restore. While one that runs
 * computes a prefix which another shares, the other waits: it finds the prefix in the cache soon,
 * and would only compute the same.
 *
 * <p>Called only while no step is in flight. Threads: one mailbox owns it.
 */
final class StepPlanner {

    /** Whoever comes while a canary computes waits for no more than this. */
    private static final int SHADOW_CHUNK = 64;

    private final RunnerDescription runner;
    private final BlockPools pools;
    private final PrefixCache cache;
    private final TieredCache tiers;
    private final int maxRunning;
    private final int maxChunk;
    private final WaitingQueue waiting;
    private final RunningSet running;
    private final TenantShares<Sequence> shares;
    private final StepPace pace;
    private final AdapterSlots adapters;
    private final QueuePrefetch prefetch;
    private final Speculation speculation;
    private final BlockRoom room;
    private final List<StepPlan.Fork> forks = new ArrayList<>();

    private long nextStep;
    private long nextPlan;
    private long preemptions;

    StepPlanner(
            RunnerDescription runner,
            BlockPools pools,
            PrefixCache cache,
            TieredCache tiers,
            SchedulerSettings settings,
            WaitingQueue waiting,
            RunningSet running,
            TenantShares<Sequence> shares,
            AdapterSlots adapters,
            Speculation speculation) {
        this.adapters = adapters;
        this.speculation = speculation;
        this.runner = runner;
        this.pools = pools;
        this.cache = cache;
        this.tiers = tiers;
        this.waiting = waiting;
        this.running = running;
        this.shares = shares;
        this.prefetch = new QueuePrefetch(tiers, waiting);
        this.maxChunk = Math.min(settings.maxChunkTokens(), runner.maxTokensPerStep());
        this.room = new BlockRoom(pools, cache, running, maxChunk);
        this.maxRunning =
                Math.min(
                        Math.min(settings.maxRunningSequences(), runner.maxSequencesPerStep()),
                        Math.min(runner.maxTokensPerStep(), runner.maxLogitRowsPerStep()));
        this.pace =
                new StepPace(
                        runner.maxSequencesPerStep(),
                        maxChunk,
                        settings.stepStretch(),
                        settings.longestPauseNanos());
    }

    /** A step took so long, from its launch until it was reported. */
    void stepTook(StepPlan plan, long nanos) {
        if (plan.hasGates()) {
            return;
        }
        if (plan.promptTokens() == 0) {
            speculation.stepTook(plan, nanos);
        }
        if (plan.guesses() == 0) {
            pace.stepTook(plan.decoding(), plan.promptTokens(), nanos);
        }
    }

    /** What those who wait will begin with comes closer meanwhile. */
    void prefetch(long nanos) {
        prefetch.look(nanos);
    }

    /** Preemptions since the start. */
    long preemptions() {
        return preemptions;
    }

    /** The next step; empty if nothing can run. */
    StepPlan plan(long nanos) {
        while (true) {
            StepPlan plan = new StepPlan(nextStep, runner);
            nextPlan++;
            fill(plan, nanos);
            if (!plan.isEmpty()) {
                nextStep++;
                plan.launched(forks, waiting.size(), nanos);
                for (StepPlan.Fork fork : forks) {
                    fork.copies().forEach(pools::copied);
                }
                forks.clear();
                return plan;
            }
            if (!running.isEmpty() && tiers.letGo(nanos)) {
                continue;
            }
            if (running.isEmpty() || (running.size() == 1 && !running.worst().isParked())) {
                return plan;
            }
            // Prompts that are half computed, or beams that wait for others, hold all blocks: the
            // worst-ranked gives way.
            preempt(running.worst());
        }
    }

    private void fill(StepPlan plan, long nanos) {
        for (int i = running.size() - 1; i >= 0; i--) {
            if (running.get(i).gate().isBroken()) {
                computeAnew(running.get(i));
            }
        }
        Sequence suspect = nextSuspect(nanos);
        if (suspect != null) {
            // After a failed step its sequences run alone, so that only the culprit fails again.
            addAlone(plan, suspect);
            return;
        }
        long before = preemptions;
        int next = 0;
        while (next < running.size()) {
            Sequence sequence = running.get(next);
            if (sequence.remaining() > 0 && sequence.isDecoding()) {
                addOrPreempt(plan, sequence, nanos);
            }
            // It, or any before it, may have been preempted.
            next = running.after(sequence);
        }
        plan.limitPromptTokens(promptRoom(plan));
        for (int i = 0; i < running.size() && plan.hasPromptRoom(); i++) {
            Sequence sequence = running.get(i);
            if (!sequence.isDecoding()) {
                addWhatFits(plan, sequence);
            }
        }
        if (preemptions == before) {
            admit(plan, nanos);
        }
    }

    private int promptRoom(StepPlan plan) {
        int reading = 0;
        int left = 0;
        for (int i = 0; i < running.size(); i++) {
            Sequence sequence = running.get(i);
            if (!sequence.isDecoding() && sequence.remaining() > 0) {
                left = reading == 0 ? sequence.remaining() : left;
                reading++;
            }
        }
        int beginning = Math.min(waiting.size(), maxRunning - running.size());
        if (reading + beginning == 0) {
            speculation.extend(plan, room.isScarce());
        }
        return pace.promptTokens(plan.decoding(), reading + beginning, left);
    }

    /** Adds the sequence, taking blocks from worse-ranked ones, at last giving up its own. */
    private void addOrPreempt(StepPlan plan, Sequence sequence, long nanos) {
        if (plan.roomFor(sequence, maxChunk) == 0) {
            return;
        }
        while (!addWhatFits(plan, sequence)) {
            if (tiers.letGo(nanos)) {
                continue;
            }
            Sequence victim = running.worstBut(nextPlan);
            preempt(victim);
            if (victim == sequence) {
                return;
            }
        }
    }

    /** Adds the sequence, taking blocks from whoever has them. */
    private void addAlone(StepPlan plan, Sequence sequence) {
        while (!addWhatFits(plan, sequence) && running.size() > 1) {
            Sequence worst = running.worst();
            preempt(worst == sequence ? running.get(running.size() - 2) : worst);
        }
    }

    private boolean addWhatFits(StepPlan plan, Sequence sequence) {
        int chunk = sequence.live().isShadow() ? Math.min(maxChunk, SHADOW_CHUNK) : maxChunk;
        int most = plan.roomFor(sequence, chunk);
        int reachable = sequence.blocks().reachable() - sequence.computed();
        int count = Math.min(most, reachable);
        if (count <= 0) {
            return false;
        }
        sequence.blocks().extendTo(sequence.computed() + count);
        plan.add(sequence, count);
        sequence.standing().plannedBy(nextPlan);
        return true;
    }

    /**
     * Whether the next step is likely to be one of answers alone.
     *
     * @return those who run then; empty if prompts are read or could begin
     */
    List<Sequence> answering() {
        boolean mayRead = !waiting.isEmpty() && running.size() < maxRunning;
        return mayRead ? List.of() : running.answering();
    }

    /** What a sequence began with did not come: whatever it computed since is garbage. */
    void computeAnew(Sequence sequence) {
        withdraw(sequence);
        sequence.releaseBlocks();
        if (running.remove(sequence)) {
            sequence.awaited().disappointed();
            waiting.add(sequence);
        }
    }

    /** What a sequence began with has come, all of it. */
    void passedGate(Sequence sequence) {
        sequence.passedGate();
        leaveOnboarding(sequence);
    }

    /** Takes a sequence's blocks; it waits and will be recomputed. */
    private void preempt(Sequence sequence) {
        running.remove(sequence);
        withdraw(sequence);
        sequence.releaseBlocks();
        sequence.standing().preempted();
        waiting.add(sequence);
        preemptions++;
    }

    /** Takes all blocks; those who ran are recomputed when the engine is awake again. */
    void preemptAll() {
        while (!running.isEmpty()) {
            preempt(running.worst());
        }
        forks.clear();
    }

    private void admit(StepPlan plan, long nanos) {
        waiting.beginPass();
        adapters.beginPass();
        while (plan.hasPromptRoom() && running.size() < maxRunning) {
            Sequence next = waiting.next();
            if (next == null) {
                return;
            }
            if (!adapters.mayBegin(next)) {
                continue;
            }
            Onboarding early = running.isEmpty() ? next.awaited().early(nanos) : null;
            if (early != null) {
                startBehindGate(next, early, nanos);
                if (!addWhatFits(plan, next)) {
                    return;
                }
            } else if (!next.isParked() && !next.awaited().isWorthWaiting()) {
                int hit = cache.longestHit(next.prefix(), next.restorable());
                if (!follows(next, hit)) {
                    if (!room.hasFor(next, hit)) {
                        return;
                    }
                    if (!onboards(next, hit, nanos)) {
                        start(next, hitNow(next, hit), nanos);
                        if (!addWhatFits(plan, next)) {
                            return;
                        }
                    }
                }
            }
        }
    }

    /** Lets a sequence wait for a better-ranked one that computes what it could begin with. */
    private boolean follows(Sequence sequence, int hit) {
        for (int i = 0; i < running.size(); i++) {
            Sequence other = running.get(i);
            if (Sequence.RANK.compare(other, sequence) > 0) {
                return false;
            }
            int common = other.prefix().common(sequence.prefix());
            if (other.computed() < common && hit < Math.min(common, sequence.restorable())) {
                sequence.awaited().follow(other, common);
                return true;
            }
        }
        return false;
    }

    /** A fetch that was tried, or was waited for, may have cost some of what was found before. */
    private int hitNow(Sequence sequence, int hit) {
        return tiers.isEmpty() ? hit : cache.longestHit(sequence.prefix(), sequence.restorable());
    }

    /** Lets a sequence wait for blocks that come from a tier. */
    private boolean onboards(Sequence sequence, int hit, long nanos) {
        leaveOnboarding(sequence);
        if (!sequence.awaited().mayFetch()) {
            return false;
        }
        Wish wish =
                new Wish(
                        sequence.prefix(),
                        sequence.tokens(),
                        sequence.length(),
                        hit,
                        sequence.restorable(),
                        running.isEmpty() ? maxChunk : 0,
                        sequence.live().request().prefillAt().isPresent(),
                        sequence.live().request().trace());
        Onboarding fetch = tiers.onboard(wish, nanos);
        if (fetch == null) {
            return false;
        }
        sequence.awaited().await(fetch);
        return true;
    }

    /** It waits for no fetch any more; the blocks of one that it waited for may go. */
    private void leaveOnboarding(Sequence sequence) {
        Onboarding fetch = sequence.awaited().takeFetch();
        if (fetch != null) {
            tiers.finished(fetch);
        }
    }

    /** It loses its blocks or has none: nothing is brought to them or copied into them any more. */
    void withdraw(Sequence sequence) {
        leaveOnboarding(sequence);
        dropCopies(sequence);
    }

    private void dropCopies(Sequence sequence) {
        for (int i = forks.size() - 1; i >= 0; i--) {
            if (forks.get(i).sequence() == sequence) {
                forks.remove(i).copies().forEach(pools::copied);
            }
        }
    }

    private void start(Sequence sequence, int hit, long nanos) {
        begins(sequence, hit, nanos);
        List<BlockCopy> copies = new ArrayList<>();
        SequenceBlocks restored = hit == 0 ? null : cache.restore(sequence.prefix(), hit, copies);
        int computed = restored == null ? 0 : hit;
        sequence.start(restored == null ? pools.newSequence() : restored, computed);
        runs(sequence);
        leaveOnboarding(sequence);
        if (!copies.isEmpty()) {
            forks.add(new StepPlan.Fork(sequence, copies));
        }
    }

    /** Starts a sequence over blocks that are still being filled, which its fetch holds. */
    private void startBehindGate(Sequence sequence, Onboarding fetch, long nanos) {
        begins(sequence, fetch.tokens(), nanos);
        SequenceBlocks filling = cache.adopt(sequence.prefix(), fetch.tokens(), fetch::blockOf);
        sequence.start(filling, fetch.tokens(), fetch.gate());
        runs(sequence);
    }

    private void begins(Sequence sequence, int hit, long nanos) {
        waiting.remove(sequence);
        boolean looked =
                cache.isEnabled() && !sequence.live().scoresPrompt() && !sequence.live().isShadow();
        if (looked && !sequence.live().hasStarted()) {
            cache.lookUps().saw(sequence.promptLength(), hit);
        }
        sequence.live().started(nanos);
    }

    private void runs(Sequence sequence) {
        if (sequence.charge()) {
            shares.admitted(
                    sequence.live().account(), sequence.promptLength() - sequence.computed());
        }
        if (sequence.choice() == 0) {
            sequence.live().restored(sequence.computed());
        }
        running.add(sequence);
    }

    private Sequence nextSuspect(long nanos) {
        for (int i = 0; i < running.size(); i++) {
            if (running.get(i).standing().failures().isSuspect()) {
                return running.get(i);
            }
        }
        if (waiting.isEmpty()) {
            return null;
        }
        for (Iterator<Sequence> it = waiting.inOrder(); it.hasNext(); ) {
            Sequence sequence = it.next();
            if (sequence.standing().failures().isSuspect() && adapters.mayBegin(sequence)) {
                // Nothing is taken on trust: it is computed anew.
                start(sequence, 0, nanos);
                return sequence;
            }
        }
        return null;
    }

    /**
     * Lets a sequence begin with another's first {@code shared} tokens, or puts it into the queue
     * where that is not possible.
     */
    void fork(Sequence parent, Sequence child, int shared, long nanos) {
        List<BlockCopy> copies = new ArrayList<>();
        var blocks =
                shared > 0 && running.size() < maxRunning && parent.blocks() != null
                        ? parent.blocks().fork(shared, copies)
                        : null;
        if (blocks == null) {
            waiting.add(child);
            return;
        }
        child.live().started(nanos);
        child.fork(parent, blocks, shared);
        running.add(child);
        if (!copies.isEmpty()) {
            forks.add(new StepPlan.Fork(child, copies));
        }
    }
}
