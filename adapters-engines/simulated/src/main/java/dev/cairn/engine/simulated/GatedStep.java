package dev.cairn.engine.simulated;

import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.system.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * When a step is done that may have to wait for layers: each takes its part of the step's time, and
 * begins when the one before has ended and its gates let it pass.
 *
 * <p>Threads: the mailbox that launches and opens gates.
 */
final class GatedStep {

    private final List<LayerGate> gates = new ArrayList<>();
    private final int layers;
    private final long nanos;
    private final Clock clock;
    private LongConsumer passed = _ -> {};
    private int next;
    private long readyAt;

    /**
     * @param nanos that the step takes without waiting
     */
    GatedStep(StepBatch batch, int layers, long nanos, Clock clock) {
        for (SequenceStep sequence : batch.sequences()) {
            if (!sequence.gate().isOpen()) {
                gates.add(sequence.gate());
            }
        }
        this.layers = layers;
        this.nanos = nanos;
        this.clock = clock;
        this.readyAt = clock.nanos();
    }

    /** Tells once every gate has been passed when the step is done; at once if none is closed. */
    void onPassed(LongConsumer told) {
        passed = told;
        gates.forEach(gate -> gate.onChange(this::advance));
        advance();
    }

    private void advance() {
        while (next < layers && gates.stream().allMatch(gate -> gate.passes(next))) {
            long ended = nanos * (next + 1) / layers - nanos * next / layers;
            readyAt = Math.max(readyAt, gates.isEmpty() ? readyAt : clock.nanos()) + ended;
            if (++next == layers) {
                passed.accept(readyAt);
            }
        }
    }

    void breakOpen() {
        gates.forEach(LayerGate::breakOpen);
    }
}
