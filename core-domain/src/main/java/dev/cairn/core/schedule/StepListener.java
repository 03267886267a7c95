package dev.cairn.core.schedule;

/** Hears of every step that was reported, in the mailbox's turn; never waits. */
@FunctionalInterface
public interface StepListener {

    /** Hears nothing. */
    StepListener NONE = step -> {};

    void on(StepRecord step);
}
