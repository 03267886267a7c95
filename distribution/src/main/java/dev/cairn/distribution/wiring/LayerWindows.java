package dev.cairn.distribution.wiring;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How far the layer groups of a model see, as Cairn's engines divide its layers: those that see all
 * first, then the windows, a group for every shape of keys and values. Stateless.
 */
final class LayerWindows {

    private LayerWindows() {}

    /** A layer group's shape. */
    private record Kind(int window, int heads, int headSize) {}

    /**
     * @return per layer group the tokens that it sees, its own included; 0 = all
     */
    static List<Integer> of(ModelArchitecture architecture) {
        Set<Kind> kinds = new LinkedHashSet<>();
        for (boolean windowed : new boolean[] {false, true}) {
            for (LayerArchitecture layer : architecture.layers()) {
                AttentionArchitecture attention = layer.attention();
                if (attention.window().isPresent() == windowed) {
                    kinds.add(
                            new Kind(
                                    attention.window().orElse(0),
                                    attention.keyValueHeads(),
                                    attention.headSize()));
                }
            }
        }
        return new ArrayList<>(kinds.stream().map(Kind::window).toList());
    }
}
