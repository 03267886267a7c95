package dev.cairn.core.fleet;

import dev.cairn.core.route.PrefixIndex;
import dev.cairn.core.route.RouterJournal;
import java.util.List;

/**
 * What a router knows of its workers' caches, and who writes down what it is told.
 *
 * @param index of what workers hold
 * @param windows per layer group of the model the tokens that it sees, its own included; 0 = all
 * @param holdings writes the index
 * @param journal hears what the router is told and decides
 */
public record FleetMemory(
        PrefixIndex index, List<Integer> windows, Holdings holdings, RouterJournal journal) {

    public FleetMemory {
        windows = List.copyOf(windows);
    }

    /** Of workers that do not say what they hold; nobody writes anything down. */
    public static FleetMemory untold(FleetSettings settings) {
        return new FleetMemory(
                new PrefixIndex(settings.index()), List.of(0), Holdings.UNTOLD, RouterJournal.NONE);
    }
}
