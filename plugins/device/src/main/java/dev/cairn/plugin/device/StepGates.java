package dev.cairn.plugin.device;

import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import java.util.ArrayList;
import java.util.List;

/**
 * The gates that a step comes to on its way through the layers. Threads: {@link #breakOpen} any,
 * the rest the device's owner.
 */
record StepGates(List<LayerGate> closed) {

    private static final StepGates NONE = new StepGates(List.of());

    static StepGates of(StepBatch batch) {
        List<LayerGate> closed = null;
        for (int i = 0; i < batch.sequences().size(); i++) {
            SequenceStep sequence = batch.sequences().get(i);
            if (!sequence.gate().isOpen()) {
                closed = closed == null ? new ArrayList<>() : closed;
                closed.add(sequence.gate());
            }
        }
        return closed == null ? NONE : new StepGates(closed);
    }

    /** Whether some of them were closed when the step was launched. */
    boolean waits() {
        return !closed.isEmpty();
    }

    /** Whether every sequence may read a layer of the model. */
    boolean pass(int layer) {
        for (int i = 0; i < closed.size(); i++) {
            if (!closed.get(i).passes(layer)) {
                return false;
            }
        }
        return true;
    }

    /** Tells of every opening from now on. */
    void onChange(Runnable told) {
        closed.forEach(gate -> gate.onChange(told));
    }

    /** Nobody will open them any more. */
    void breakOpen() {
        closed.forEach(LayerGate::breakOpen);
    }
}
