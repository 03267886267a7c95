package dev.cairn.core.schedule;

import dev.cairn.core.block.BlockPools;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.core.cache.TieredCache;
import dev.cairn.core.fair.DrainRate;
import dev.cairn.core.fair.TenantShares;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides what runs next on one engine, and who hears what of it. One mailbox owns it; it never
 * waits and never looks at a clock.
 *
 * <p>One step is in flight at a time. The choices of a request after the first begin when its
 * prompt is computed, with the prompt's blocks shared.
 */
final class BatchScheduler {

    private final RunnerDescription runner;
    private final int maxModelLength;
    private final StepListener steps;
    private final SchedulerMeasures measures;
    private final BlockPools pools;
    private final PrefixCache cache;
    private final TenantShares<Sequence> shares;
    private final TieredCache tiers;
    private final WaitingQueue waiting;
    private final RunningSet running = new RunningSet();
    private final Speculation speculation;
    private final Drafting drafting;
    private final StepPlanner planner;
    private final BeamStep beamStep;
    private final SequenceSource sequences;
    private final Entrance entrance;
    private final CanaryRun canary;
    private final FailedStep failedStep;
    private final AdapterSlots adapters;
    private final DrainRate drain = new DrainRate();
    private final Map<String, LiveRequest> live = new LinkedHashMap<>();
    private final List<Command> commands = new ArrayList<>();
    private final SleepState sleep = new SleepState(commands);

    private StepPlan inFlight;
    private long arrivals;
    private boolean closed;

    BatchScheduler(
            RunnerDescription runner,
            SchedulerSettings settings,
            BlockPools pools,
            PrefixCache cache,
            TieredCache tiers,
            TextCodec codec,
            SchedulerMeasures measures,
            StepListener steps,
            AdapterSupply supply) {
        this.runner = runner;
        this.pools = pools;
        this.cache = cache;
        this.tiers = tiers;
        this.maxModelLength = settings.longestSequence(runner, pools);
        this.steps = steps;
        this.measures = measures;
        this.shares =
                new TenantShares<>(
                        settings.tenantWeights(),
                        Sequence.RANK,
                        sequence -> sequence.live().request().priority());
        this.waiting =
                new WaitingQueue(
                        shares, settings.maxWaitingRequests(), settings.maxWaitingTokens());
        this.adapters = new AdapterSlots(supply, running, commands);
        this.speculation = new Speculation(settings.speculation());
        this.planner =
                new StepPlanner(
                        runner,
                        pools,
                        cache,
                        tiers,
                        settings,
                        waiting,
                        running,
                        shares,
                        adapters,
                        speculation);
        this.drafting = new Drafting(settings.speculation(), speculation, planner, commands);
        this.beamStep = new BeamStep(runner, cache, planner, waiting, this::release);
        this.sequences = new SequenceSource(runner.vocabularySize(), codec, cache, maxModelLength);
        this.entrance = new Entrance(live, sleep, sequences, beamStep, adapters, maxModelLength);
        this.canary = new CanaryRun(sequences, tiers, shares, this::release);
        this.failedStep = new FailedStep(planner, running, waiting, canary, this::fail);
    }

    /**
     * One turn.
     *
     * @param plans false where the next turn comes at once and plans for both
     * @return what to do, in order; good until the next turn
     */
    List<Command> on(Event event, long nanos, boolean plans) {
        commands.clear();
        switch (event) {
            case Event.Arrived(var request) -> arrive(request, nanos);
            case Event.Aborted(var request) -> abort(request);
            case Event.StepCompleted(var plan, var result) -> stepCompleted(plan, result, nanos);
            case Event.StepFailed(var plan, var failure) -> stepFailed(plan, failure);
            case Event.Drafted(var result) -> drafting.done(result, nanos);
            case Event.DraftFailed(var failure) -> drafting.failed(failure);
            case Event.Moved(var moved) -> tiers.on(moved, nanos);
            case Event.Adapted(var news) -> adapters.on(news, live.values()).forEach(this::fail);
            case Event.SleepAsked(var mode, var done) -> sleep(mode, done);
            case Event.WakeAsked(var done) -> sleep.wake(done);
            case Event.Slept() -> sleep.slept();
            case Event.SleepFailed(var failure) -> sleep.sleepFailed(failure);
            case Event.Woken() -> sleep.woken();
            case Event.WakeFailed(var failure) -> failAll(sleep.wakeFailed(failure));
            case Event.Closed() -> close();
        }
        if (plans) {
            settle(nanos);
            if (isResting() && !closed && sleep.runs()) {
                launchNext(nanos);
            }
            planner.prefetch(nanos);
        }
        return commands;
    }

    /** Whether neither the model nor the one that guesses computes. */
    private boolean isResting() {
        return inFlight == null && !drafting.isRunning();
    }

    SleepState.Phase phase() {
        return sleep.phase();
    }

    private void sleep(SleepMode mode, Completion<Void> done) {
        canary.giveUp();
        if (sleep.sleep(mode, done)) {
            failAll(SleepState.asleep());
        }
    }

    /** Lets the runner sleep once nothing is in use. */
    private void settle(long nanos) {
        if (!sleep.isSettling() || !isResting() || closed) {
            return;
        }
        if (sleep.pauses()) {
            planner.preemptAll();
        }
        tiers.letGo(nanos);
        boolean idle = running.isEmpty() && (sleep.pauses() || live.isEmpty());
        if (idle && pools.usedOfFullest() == 0 && tiers.mayForget(nanos)) {
            cache.clear();
            sleep.settled();
        }
    }

    private void failAll(RequestProblem problem) {
        for (LiveRequest request : List.copyOf(live.values())) {
            fail(request, problem);
        }
    }

    LoadReport load() {
        return new LoadReport(
                running.size(),
                waiting.size(),
                pools.usedOfFullest(),
                pools.totalOfFullest(),
                waiting.tokens() + running.remainingTokens());
    }

    private void arrive(LiveRequest request, long nanos) {
        canary.giveUp();
        request.belongsTo(shares.enter(request.request().tenant()));
        Optional<RequestProblem> problem = refusal(request);
        if (problem.isEmpty()) {
            problem = sequences.make(request, arrivals++);
        }
        if (problem.isPresent()) {
            refuse(request, problem.get());
            return;
        }
        live.put(request.request().id(), request);
        if (request.beams() != null) {
            request.beams().begin(request.sequences().getFirst());
        }
        if (request.continues()) {
            goOn(request, nanos);
        } else {
            waiting.add(request.sequences().getFirst());
        }
    }

    /** Every choice begins as if it had been preempted where the other worker was lost. */
    private void goOn(LiveRequest request, long nanos) {
        request.started(nanos);
        // Time to the first token is the lost worker's affair.
        request.firstToken(nanos);
        boolean over = false;
        for (Sequence sequence : request.sequences()) {
            if (request.request().continuation().of(sequence.choice()).hasEnded()) {
                sequence.end();
                over = request.choiceEnded();
            } else {
                report(sequence, nanos);
                if (!sequence.hasEnded()) {
                    waiting.add(sequence);
                }
            }
        }
        if (over) {
            ended(request, nanos);
        }
    }

    private Optional<RequestProblem> refusal(LiveRequest request) {
        if (closed) {
            return Optional.of(SchedulerProblems.shuttingDown());
        }
        Optional<RequestProblem> refused = entrance.refusal(request.request());
        return refused.isPresent() || makeRoom(request) ? refused : Optional.of(overloaded());
    }

    /** Sheds requests where the queue is full: worse ones, or those of who fills it. */
    private boolean makeRoom(LiveRequest request) {
        while (!waiting.hasRoomFor(request)) {
            LiveRequest worst = waiting.givesWayTo(request);
            if (worst == null) {
                return false;
            }
            fail(worst, overloaded());
            measures.refused(overloaded().code());
        }
        return true;
    }

    private void refuse(LiveRequest request, RequestProblem problem) {
        end(request);
        measures.refused(problem.code());
        tell(request, new TokenEvent.Failed(problem));
    }

    private void abort(LiveRequest request) {
        if (!request.hasEnded()) {
            measures.aborted();
            fail(request, SchedulerProblems.cancelled());
        }
    }

    private void close() {
        closed = true;
        tiers.close();
        canary.giveUp();
        failAll(SchedulerProblems.shuttingDown());
        sleep.close(SchedulerProblems.shuttingDown());
    }

    private void launchNext(long nanos) {
        refuseLate(nanos);
        if (drafting.begin(nanos)) {
            return;
        }
        if (live.isEmpty() && running.isEmpty()) {
            Sequence shadow = canary.begin(arrivals);
            if (shadow != null) {
                arrivals++;
                waiting.add(shadow);
            }
        }
        long before = planner.preemptions();
        StepPlan plan = planner.plan(nanos);
        while (plan.isEmpty() && !running.isEmpty() && !tiers.isCopying()) {
            fail(running.get(0).live(), SchedulerProblems.outOfBlocks());
            plan = planner.plan(nanos);
        }
        measures.lookedUp(cache.lookUps());
        measures.guessed(speculation);
        if (planner.preemptions() > before) {
            measures.preempted(planner.preemptions() - before);
        }
        if (!plan.isEmpty()) {
            inFlight = plan;
            commands.add(new Command.Launch(plan));
        } else {
            drain.idle();
        }
    }

    private void refuseLate(long nanos) {
        for (LiveRequest request : waiting.late(nanos)) {
            RequestProblem problem =
                    overload("deadline_exceeded", "the request waited beyond its deadline");
            measures.refused(problem.code());
            fail(request, problem);
        }
    }

    private void stepFailed(StepPlan plan, Throwable failure) {
        inFlight = null;
        measures.stepFailed();
        failedStep.on(plan, failure);
    }

    private void stepCompleted(StepPlan plan, StepResult result, long nanos) {
        Optional<String> wrong = plan.faultOf(result, runner.vocabularySize());
        if (wrong.isPresent()) {
            stepFailed(plan, new IllegalStateException(wrong.get()));
            return;
        }
        inFlight = null;
        measures.step(plan);
        planner.stepTook(plan, nanos - plan.launchedNanos());
        if (plan.decodeTokens() == 0) {
            tiers.computed(plan.prefillTokens(), result.computeNanos());
        }
        steps.on(plan.record(nanos, result.computeNanos()));
        int row = 0;
        for (StepPlan.Entry entry : plan.entries()) {
            Sequence sequence = entry.sequence();
            int rows = entry.rows();
            sequence.standing().leaveStep();
            if (!sequence.gate().isWhole()) {
                planner.computeAnew(sequence);
            } else if (sequence.hasEnded()) {
                // What it computed is good for others.
                sequence.advance(entry.count());
                sequence.enterBlocks(cache);
                sequence.releaseBlocks();
            } else {
                advance(plan, entry, new StepRows(result.rows(), row, rows), nanos);
            }
            row += rows + entry.guesses();
        }
    }

    private void advance(StepPlan plan, StepPlan.Entry entry, StepRows rows, long nanos) {
        Sequence sequence = entry.sequence();
        LiveRequest request = sequence.live();
        if (request.isShadow()) {
            canary.advanced(sequence, entry.count());
            return;
        }
        sequence.standing().failures().succeeded();
        planner.passedGate(sequence);
        TokenChoice chosen = rows.score(sequence, entry.firstRow());
        boolean blocked = sequence.remaining() == entry.count() && sequence.rules().isBlocked();
        sequence.advance(entry.count());
        sequence.enterBlocks(cache);
        if (!request.isPromptDone() && sequence.hasPrompt()) {
            promptDone(sequence, nanos);
        }
        sequence.blocks().releaseBefore(sequence.computed());
        if (chosen != null && request.beams() != null) {
            reported(sequence, chosen, nanos);
            return;
        }
        if (blocked) {
            sequence.complete();
        } else if (chosen != null) {
            speculation.take(plan, entry, rows, chosen);
            sequence.enterBlocks(cache);
            sequence.blocks().releaseBefore(sequence.computed());
        }
        report(sequence, nanos);
        if (blocked && !sequence.hasEnded()) {
            fail(request, sequence.rules().problem());
        }
    }

    /** The first choice has computed the prompt: the others begin with its blocks. */
    private void promptDone(Sequence first, long nanos) {
        LiveRequest request = first.live();
        request.promptDone();
        measures.promptDone(first.promptLength());
        tell(request, new TokenEvent.PromptDone(request.cachedTokens(), request.promptTokens()));
        for (int choice = 1; choice < request.sequences().size(); choice++) {
            Sequence other = request.sequences().get(choice);
            report(other, nanos);
            if (!other.hasEnded()) {
                // What its logits are wanted of is computed again, the last token at least.
                int shared = Math.min(other.restorable(), first.computed());
                planner.fork(first, other, shared, nanos);
            }
        }
    }

    /** A beam knows what may follow it; when all do, the search goes on or is over. */
    private void reported(Sequence beam, TokenChoice next, long nanos) {
        LiveRequest request = beam.live();
        beam.park();
        if (!request.beams().report(beam, next)) {
            return;
        }
        int room = maxModelLength - beam.promptLength();
        int maxTokens = Math.min(request.request().stop().maxTokens(), room);
        if (beamStep.advance(request, maxTokens, nanos)) {
            List<Beams.Hypothesis> best = request.beams().hypotheses();
            for (int choice = 0; choice < request.request().choices(); choice++) {
                List<GeneratedToken> tokens = best.get(choice).tokens();
                request.countTokens(tokens.size());
                measures.answered(request, tokens.size(), nanos);
                tell(request, new TokenEvent.Tokens(choice, tokens));
                endChoice(request, choice, best.get(choice).cause(), nanos);
            }
        }
    }

    /** Tells what a client may hear of a choice now, its end too. */
    private void report(Sequence sequence, long nanos) {
        if (!sequence.live().isPromptDone()) {
            return;
        }
        List<GeneratedToken> due = sequence.takeDue();
        if (!due.isEmpty()) {
            measures.tokens(sequence, due.size(), nanos);
            shares.answered(sequence.live().account(), due.size());
            tell(sequence.live(), new TokenEvent.Tokens(sequence.choice(), due));
        }
        StopCause cause = sequence.endCause();
        if (cause != null) {
            release(sequence);
            endChoice(sequence.live(), sequence.choice(), cause, nanos);
        }
    }

    private void endChoice(LiveRequest request, int choice, StopCause cause, long nanos) {
        FinishReason reason =
                cause instanceof StopCause.Budget ? FinishReason.LENGTH : FinishReason.STOP;
        measures.choiceEnded(reason);
        tell(request, new TokenEvent.ChoiceEnded(choice, reason, cause, null));
        if (request.choiceEnded()) {
            ended(request, nanos);
        }
    }

    private void ended(LiveRequest request, long nanos) {
        end(request);
        live.remove(request.request().id());
        drain.requestEnded(nanos);
        measures.requestEnded(request, nanos);
        tell(request, new TokenEvent.Ended(request.usage()));
    }

    /** Ends a live request with a problem; its blocks come back now or with the running step. */
    private void fail(LiveRequest request, RequestProblem problem) {
        if (request.isShadow()) {
            canary.giveUp();
            return;
        }
        end(request);
        live.remove(request.request().id());
        for (Sequence sequence : request.sequences()) {
            release(sequence);
        }
        tell(request, new TokenEvent.Failed(problem));
    }

    private void end(LiveRequest request) {
        request.end();
        shares.leave(request.account());
    }

    private void release(Sequence sequence) {
        sequence.end();
        planner.withdraw(sequence);
        if (!running.remove(sequence)) {
            waiting.remove(sequence);
        }
        if (!sequence.standing().isInStep()) {
            sequence.releaseBlocks();
        }
    }

    private void tell(LiveRequest request, TokenEvent event) {
        commands.add(new Command.Tell(request, event));
    }

    private RequestProblem overloaded() {
        return overload("overloaded", "the queue is full");
    }

    private RequestProblem overload(String code, String what) {
        return SchedulerProblems.overload(code, what, drain.retryAfterMillis(waiting.size()));
    }
}
