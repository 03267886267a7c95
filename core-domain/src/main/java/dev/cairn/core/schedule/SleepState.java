package dev.cairn.core.schedule;

import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether an engine is awake, and who waits for it to be so or not to be.
 *
 * <p>Awake, it settles first: the step in flight ends, and with {@link SleepMode#WAIT} every
 * request. Then it falls asleep, and wakes, in one operation of the runner each. A runner that
 * fails to sleep is awake, one that fails to wake sleeps on.
 *
 * <p>Threads: one mailbox owns it.
 */
final class SleepState {

    /** Where it stands. */
    enum Phase {
        AWAKE,
        SETTLING,
        FALLING_ASLEEP,
        ASLEEP,
        WAKING
    }

    private static final long RETRY_MILLIS = 1_000;

    private final List<Completion<Void>> sleepers = new ArrayList<>();
    private final List<Completion<Void>> wakers = new ArrayList<>();
    private final List<Command> commands;
    private Phase phase = Phase.AWAKE;
    private SleepMode mode = SleepMode.ABORT;

    /**
     * @param commands gets what is to be done
     */
    SleepState(List<Command> commands) {
        this.commands = commands;
    }

    Phase phase() {
        return phase;
    }

    /** Whether steps may be launched. */
    boolean runs() {
        return phase == Phase.AWAKE || (phase == Phase.SETTLING && mode == SleepMode.WAIT);
    }

    /** Whether those who run give way as soon as no step is in flight. */
    boolean pauses() {
        return phase == Phase.SETTLING && mode == SleepMode.KEEP;
    }

    boolean isSettling() {
        return phase == Phase.SETTLING;
    }

    /** Why a new request is not taken, if it is not. */
    Optional<RequestProblem> refusal() {
        return switch (phase) {
            case AWAKE, WAKING -> Optional.empty();
            case SETTLING, FALLING_ASLEEP, ASLEEP -> Optional.of(asleep());
        };
    }

    /** What a request hears that is not served because the engine sleeps. */
    static RequestProblem asleep() {
        return new RequestProblem(
                Category.UNAVAILABLE,
                "the engine sleeps; wake it by POST /wake_up, and send the request again",
                Optional.empty(),
                "asleep",
                OptionalLong.of(RETRY_MILLIS));
    }

    /**
     * Somebody wants it to sleep.
     *
     * @return whether requests that are alive are to fail
     */
    boolean sleep(SleepMode wanted, Completion<Void> done) {
        switch (phase) {
            case AWAKE -> {
                phase = Phase.SETTLING;
                mode = wanted;
                sleepers.add(done);
            }
            case SETTLING -> {
                // Whoever cannot wait decides.
                mode = mode == SleepMode.WAIT ? wanted : mode;
                sleepers.add(done);
            }
            case FALLING_ASLEEP -> sleepers.add(done);
            case ASLEEP -> answer(done, null);
            case WAKING -> answer(done, refused("waking", "the engine is waking; ask again"));
        }
        return phase == Phase.SETTLING && mode == SleepMode.ABORT;
    }

    /** Nothing is in use any more: the runner may sleep. */
    void settled() {
        phase = Phase.FALLING_ASLEEP;
        commands.add(new Command.Sleep());
    }

    /** Somebody wants it awake. */
    void wake(Completion<Void> done) {
        switch (phase) {
            case AWAKE -> answer(done, null);
            case SETTLING -> {
                phase = Phase.AWAKE;
                answerAll(sleepers, refused("woken", "the engine was woken before it slept"));
                answer(done, null);
            }
            case ASLEEP -> {
                phase = Phase.WAKING;
                wakers.add(done);
                commands.add(new Command.Wake());
            }
            case FALLING_ASLEEP, WAKING -> wakers.add(done);
        }
    }

    /** The runner has given its memory back. */
    void slept() {
        phase = Phase.ASLEEP;
        answerAll(sleepers, null);
        if (!wakers.isEmpty()) {
            phase = Phase.WAKING;
            commands.add(new Command.Wake());
        }
    }

    /** The runner could not give its memory back. */
    void sleepFailed(Throwable failure) {
        phase = Phase.AWAKE;
        answerAll(
                sleepers,
                refused("sleep_failed", "the engine could not sleep: " + failure.getMessage()));
        answerAll(wakers, null);
    }

    void woken() {
        phase = Phase.AWAKE;
        answerAll(wakers, null);
    }

    /** The runner could not be made again: it sleeps on. */
    RequestProblem wakeFailed(Throwable failure) {
        phase = Phase.ASLEEP;
        RequestRefused refused =
                refused(
                        "wake_failed",
                        "the engine could not wake and sleeps on: "
                                + failure.getMessage()
                                + "; mend that and wake it again");
        answerAll(wakers, refused);
        return refused.problem();
    }

    /** The engine is no more. */
    void close(RequestProblem problem) {
        answerAll(sleepers, new RequestRefused(problem));
        answerAll(wakers, new RequestRefused(problem));
    }

    private void answerAll(List<Completion<Void>> waiting, RequestRefused failure) {
        for (Completion<Void> done : waiting) {
            answer(done, failure);
        }
        waiting.clear();
    }

    private void answer(Completion<Void> done, RequestRefused failure) {
        commands.add(new Command.Answer(done, failure));
    }

    private static RequestRefused refused(String code, String message) {
        return new RequestRefused(RequestProblem.of(Category.UNAVAILABLE, code, message));
    }
}
