package dev.cairn.core.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The last steps of a scheduler.
 *
 * <p>Threads: written by the mailbox, read by any; a reader that is overtaken misses the overtaken
 * steps.
 */
public final class StepLog implements StepListener {

    private final AtomicReferenceArray<StepRecord> ring;

    /**
     * @param capacity steps kept
     */
    public StepLog(int capacity) {
        ring = new AtomicReferenceArray<>(capacity);
    }

    @Override
    public void on(StepRecord step) {
        ring.set((int) (step.step() % ring.length()), step);
    }

    /** The steps kept, oldest first. */
    public List<StepRecord> steps() {
        List<StepRecord> steps = new ArrayList<>();
        for (int i = 0; i < ring.length(); i++) {
            StepRecord step = ring.get(i);
            if (step != null) {
                steps.add(step);
            }
        }
        steps.sort((a, b) -> Long.compare(a.step(), b.step()));
        return List.copyOf(steps);
    }
}
