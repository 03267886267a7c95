package dev.cairn.core.schedule;

import dev.cairn.ports.request.RequestProblem;
import java.util.function.BiConsumer;

/**
 * What becomes of the sequences of a step that failed: they start anew, until one was tried enough.
 *
 * <p>Threads: one mailbox owns it.
 */
final class FailedStep {

    private final StepPlanner planner;
    private final RunningSet running;
    private final WaitingQueue waiting;
    private final CanaryRun canary;
    private final BiConsumer<LiveRequest, RequestProblem> fail;

    /**
     * @param fail ends a request
     */
    FailedStep(
            StepPlanner planner,
            RunningSet running,
            WaitingQueue waiting,
            CanaryRun canary,
            BiConsumer<LiveRequest, RequestProblem> fail) {
        this.planner = planner;
        this.running = running;
        this.waiting = waiting;
        this.canary = canary;
        this.fail = fail;
    }

    void on(StepPlan plan, Throwable failure) {
        boolean alone = plan.entries().size() == 1 && plan.forks().isEmpty();
        for (StepPlan.Entry entry : plan.entries()) {
            entry.sequence().standing().leaveStep();
            recompute(entry.sequence(), alone, failure);
        }
        for (StepPlan.Fork fork : plan.forks()) {
            // The failed step was to copy the blocks that this one begins with.
            if (!plan.computes(fork.sequence())) {
                recompute(fork.sequence(), false, failure);
            }
        }
    }

    private void recompute(Sequence sequence, boolean alone, Throwable failure) {
        if (sequence.live().isShadow()) {
            canary.giveUp();
        }
        if (sequence.hasEnded()) {
            sequence.releaseBlocks();
            return;
        }
        if (!sequence.standing().failures().failed(alone)) {
            fail.accept(sequence.live(), SchedulerProblems.engineFailed(failure));
            return;
        }
        if (running.remove(sequence)) {
            planner.withdraw(sequence);
            sequence.releaseBlocks();
            waiting.add(sequence);
        }
    }
}
