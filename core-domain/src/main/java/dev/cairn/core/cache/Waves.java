package dev.cairn.core.cache;

import dev.cairn.ports.cache.LayerGroup;
import java.util.List;

/**
 * How the layers of a prefix come: in so many runs, one behind the other. One wave is whole blocks.
 *
 * @param layers of the model
 */
record Waves(int count, int layers) {

    /** Whether a step may begin before all has come. */
    boolean areMany() {
        return count > 1;
    }

    /** Layers of the model that are there when a wave and those before it have come. */
    int end(int wave) {
        return (int) ((wave + 1L) * layers / count);
    }

    /** The first layer of a group that a wave brings, index within the group. */
    int firstOf(LayerGroup group, int wave) {
        int start = (int) ((long) wave * layers / count);
        List<Integer> inModel = group.layers();
        int first = 0;
        while (first < inModel.size() && inModel.get(first) < start) {
            first++;
        }
        return first;
    }

    /** What is spared of a step that takes so long when it begins with the first wave. */
    double overlap(double fetchNanos, double stepNanos) {
        return Math.min(fetchNanos, stepNanos) * (count - 1) / count;
    }
}
