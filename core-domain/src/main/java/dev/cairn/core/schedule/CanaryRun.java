package dev.cairn.core.schedule;

import dev.cairn.core.cache.CanarySample;
import dev.cairn.core.cache.TieredCache;
import dev.cairn.core.fair.TenantShares;
import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.request.StopConditions;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The one sequence that computes for a canary what was fetched, without looking into the cache,
 * without entering anything there, and without anybody hearing of it. It runs while there is
 * nothing else to do, in small chunks, and is gone as soon as a request comes.
 *
 * <p>Threads: one mailbox owns it.
 */
final class CanaryRun {

    /** Nobody else's: it shares no account, and no hash with anybody. */
    private static final String TENANT = "\0canary";

    private final SequenceSource sequences;
    private final TieredCache tiers;
    private final TenantShares<Sequence> shares;
    private final Consumer<Sequence> release;
    private Sequence running;

    /**
     * @param release takes a sequence out of the scheduler
     */
    CanaryRun(
            SequenceSource sequences,
            TieredCache tiers,
            TenantShares<Sequence> shares,
            Consumer<Sequence> release) {
        this.sequences = sequences;
        this.tiers = tiers;
        this.shares = shares;
        this.release = release;
    }

    /** The engine has nothing to do: a sequence that is to wait, or null. */
    Sequence begin(long ordinal) {
        CanarySample sample = running == null ? tiers.nextSample() : null;
        if (sample == null) {
            return null;
        }
        if (sample.tokens().length >= sequences.maxModelLength()) {
            tiers.notRecomputed();
            return null;
        }
        LiveRequest live = LiveRequest.shadow(request(sample.tokens(), ordinal));
        live.belongsTo(shares.enter(TENANT));
        running = sequences.of(live, 0, ordinal);
        live.sequences().add(running);
        return running;
    }

    private static GenerationRequest request(int[] tokens, long ordinal) {
        return new GenerationRequest(
                "canary " + ordinal,
                "",
                tokens,
                1,
                0,
                SamplingParameters.GREEDY,
                new StopConditions(1, 0, List.of(), List.of(), List.of(), false, true),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                -1,
                -1,
                TENANT,
                "",
                Integer.MAX_VALUE,
                OptionalLong.empty(),
                0,
                TraceContext.NONE,
                Continuation.NONE,
                Optional.empty());
    }

    /** Chunks of it were computed. */
    void advanced(Sequence sequence, int count) {
        sequence.advance(count);
        if (sequence.hasPrompt()) {
            tiers.recomputed(sequence.blocks().tables());
            end();
        } else {
            sequence.blocks().releaseBefore(sequence.computed());
        }
    }

    /** Somebody needs the engine, or it failed. */
    void giveUp() {
        if (running != null) {
            end();
            tiers.notRecomputed();
        }
    }

    private void end() {
        Sequence ended = running;
        running = null;
        ended.live().end();
        shares.leave(ended.live().account());
        release.accept(ended);
    }
}
