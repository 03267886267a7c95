package dev.cairn.core.cache;

import dev.cairn.ports.system.Completion;
import java.util.Map;
import java.util.TreeMap;

/** Blocks that several places are forgetting. Threads: one mailbox owns it. */
final class Clearing {

    private final Completion<Map<String, Integer>> done;
    private final boolean everything;
    private final Map<String, Integer> counts = new TreeMap<>();
    private Throwable failure;
    private int open;

    /**
     * @param everything whether nothing of the model is left
     */
    Clearing(Completion<Map<String, Integer>> done, boolean everything) {
        this.done = done;
        this.everything = everything;
    }

    /** Whether what is found in a place afterwards was put there since. */
    boolean isOfEverything() {
        return everything;
    }

    void forgot(String place, int blocks) {
        counts.merge(place, blocks, Integer::sum);
    }

    void begins() {
        open++;
    }

    /**
     * @param why null if the place forgot what it was told to
     */
    void ended(Throwable why) {
        open--;
        failure = why == null ? failure : why;
        tell();
    }

    /** Says that it is done if nobody has anything left to do. */
    void tell() {
        if (open > 0) {
            return;
        }
        if (failure == null) {
            done.completed(counts);
        } else {
            done.failed(failure);
        }
    }
}
