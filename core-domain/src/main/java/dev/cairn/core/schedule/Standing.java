package dev.cairn.core.schedule;

/**
 * How one sequence stands with the scheduler: the steps that it is in, and what it has been through
 * for them.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Standing {

    private int preemptions;
    private boolean charged;
    private boolean inStep;
    private long lastPlan = -1;
    private long lastTokenNanos = LiveRequest.NEVER;
    private final StepFailures failures = new StepFailures();

    /** How often it lost its blocks to others. */
    int preemptions() {
        return preemptions;
    }

    void preempted() {
        preemptions++;
    }

    /** Whether this is the first time that its prompt is put on its tenant's account. */
    boolean charge() {
        boolean first = !charged;
        charged = true;
        return first;
    }

    /** Whether a step that was launched and not yet reported computes it: its blocks must stay. */
    boolean isInStep() {
        return inStep;
    }

    void enterStep() {
        inStep = true;
    }

    void leaveStep() {
        inStep = false;
    }

    /** The last plan that computes it; -1 = none. */
    long lastPlan() {
        return lastPlan;
    }

    void plannedBy(long plan) {
        lastPlan = plan;
    }

    /** When its client last heard of a token; {@link LiveRequest#NEVER} = not yet. */
    long lastTokenNanos() {
        return lastTokenNanos;
    }

    void lastToken(long nanos) {
        lastTokenNanos = nanos;
    }

    /** Of the steps that it was in. */
    StepFailures failures() {
        return failures;
    }
}
