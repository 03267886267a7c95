package dev.cairn.engine.cpu;

import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import java.util.ArrayList;
import java.util.List;

/**
 * The gates that a step comes to on its way through the layers.
 *
 * <p>Threads: {@link #await} and {@link #waitedNanos} on the runner's, {@link #breakOpen} on any.
 */
final class StepGates {

    private static final StepGates NONE = new StepGates(List.of());

    private final List<LayerGate> gates;
    private long waitedNanos;

    private StepGates(List<LayerGate> gates) {
        this.gates = gates;
    }

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

    /** Waits until every sequence may read a layer of the model. */
    void await(int layer) {
        for (int i = 0; i < gates.size(); i++) {
            waitedNanos += gates.get(i).await(layer);
        }
    }

    long waitedNanos() {
        return waitedNanos;
    }

    /** Nobody will open them any more. */
    void breakOpen() {
        gates.forEach(LayerGate::breakOpen);
    }
}
