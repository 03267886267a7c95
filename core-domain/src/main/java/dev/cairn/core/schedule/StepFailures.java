package dev.cairn.core.schedule;

/** How often the steps of one sequence failed, and whether it may be the cause. One mailbox. */
final class StepFailures {

    private static final int MOST = 5;

    private boolean suspect;
    private int count;

    /** Whether it was in a step that failed, and has not shown since that it was not the cause. */
    boolean isSuspect() {
        return suspect;
    }

    /**
     * It was in a step that failed.
     *
     * @return whether it may be tried again: not if it failed alone when it was suspected already,
     *     nor after {@value #MOST} failures without a token
     */
    boolean failed(boolean alone) {
        boolean again = !(alone && suspect) && ++count < MOST;
        suspect = true;
        return again;
    }

    void succeeded() {
        suspect = false;
    }

    void tokenCame() {
        count = 0;
    }
}
