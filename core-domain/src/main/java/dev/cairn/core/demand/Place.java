package dev.cairn.core.demand;

import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.system.Completion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A model as the desk knows it. Belongs to the desk's turns. */
final class Place {

    /** Where it is between having its memory and not. */
    enum State {
        AWAKE,
        LEAVING,
        ASLEEP,
        COMING
    }

    final GenerationBackend backend;
    final Sleeper sleeper;
    final Deque<HeldRequest> held = new ArrayDeque<>();
    final List<Completion<Void>> hoping = new ArrayList<>();
    private State state;
    private int live;
    private long usedNanos;
    private long uses;

    Place(GenerationBackend backend, Sleeper sleeper) {
        this.backend = backend;
        this.sleeper = sleeper;
        this.state = sleeper.isAsleep() ? State.ASLEEP : State.AWAKE;
    }

    /** An administrator may have put it to sleep or woken it meanwhile. */
    State state() {
        boolean asleep = sleeper.isAsleep();
        if (state == State.AWAKE && asleep) {
            state = State.ASLEEP;
        } else if (state == State.ASLEEP && !asleep) {
            state = State.AWAKE;
        }
        return state;
    }

    void become(State next) {
        state = next;
    }

    boolean hasMemory() {
        return state() != State.ASLEEP;
    }

    boolean isWanted() {
        return !held.isEmpty() || !hoping.isEmpty();
    }

    boolean isBusy() {
        return live > 0;
    }

    long usedNanos() {
        return usedNanos;
    }

    void begun(long nanos) {
        live++;
        uses++;
        usedNanos = nanos;
    }

    /**
     * @return how often it was used until now, if nobody uses it any more; else -1
     */
    long ended(long nanos) {
        live--;
        usedNanos = nanos;
        return live == 0 ? uses : -1;
    }

    /** Whether nothing came since {@link #ended} gave this number. */
    boolean idleSince(long use) {
        return live == 0 && uses == use && !isWanted();
    }
}
