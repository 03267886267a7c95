package dev.cairn.core.testing;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.ToyRunner.Past;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A toy's step on its way through the layers, which waits where a gate is closed. What lies behind
 * a gate is read when the step comes to its layer: what comes later, or is overwritten, shows.
 */
final class LayeredStep implements Past {

    private final ToyRunner toy;
    private final VirtualDriver driver;
    private final StepBatch batch;
    private final int layers;
    private final long nanosOfLayer;
    private final long rest;
    private final Map<Place, Long> seen = new HashMap<>();
    private Consumer<Past> done;
    private int next;
    private long readyAt;

    LayeredStep(ToyRunner toy, VirtualDriver driver, StepBatch batch, long nanos) {
        this.toy = toy;
        this.driver = driver;
        this.batch = batch;
        this.layers =
                toy.description().groups().stream().mapToInt(group -> group.layers().size()).sum();
        this.nanosOfLayer = nanos / layers;
        this.rest = nanos % layers;
    }

    /** Tells when it is through, with what it read. */
    void begin(Consumer<Past> told) {
        done = told;
        readyAt = driver.nanos();
        for (SequenceStep sequence : batch.sequences()) {
            if (sequence.gate() != LayerGate.OPEN) {
                sequence.gate().onChange(this::advance);
            }
        }
        advance();
    }

    private void advance() {
        while (next < layers && batch.sequences().stream().allMatch(s -> s.gate().passes(next))) {
            readyAt = Math.max(readyAt, driver.nanos()) + nanosOfLayer;
            batch.sequences().stream()
                    .filter(sequence -> sequence.gate() != LayerGate.OPEN)
                    .forEach(this::look);
            if (++next == layers) {
                driver.schedule(readyAt + rest, () -> done.accept(this));
            }
        }
    }

    private void look(SequenceStep sequence) {
        for (LayerGroup group : toy.description().groups()) {
            int layer = group.layers().indexOf(next);
            int[] table = sequence.blockTables()[group.index()];
            for (int p = 0; layer >= 0 && p < sequence.firstPosition(); p++) {
                if (table[p / group.blockTokens()] != LayerGroup.RELEASED) {
                    Place place = new Place(sequence, group.index(), layer, p);
                    seen.put(place, toy.number(sequence, group.index(), layer, p));
                }
            }
        }
    }

    @Override
    public Long read(SequenceStep sequence, int group, int layer, int position) {
        return seen.get(new Place(sequence, group, layer, position));
    }

    private record Place(SequenceStep sequence, int group, int layer, int position) {}
}
