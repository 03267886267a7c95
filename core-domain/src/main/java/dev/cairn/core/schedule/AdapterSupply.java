package dev.cairn.core.schedule;

import dev.cairn.ports.model.AdapterArtifact;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where a scheduler gets LoRA adapters from.
 *
 * @param mostLoaded adapters that the engine holds at once; 0 = none are served
 * @param find an adapter by its digest; empty where it is not known (any more). Asked in the
 *     scheduler's turns: it does not wait
 */
public record AdapterSupply(int mostLoaded, Function<String, Optional<AdapterArtifact>> find) {

    /** No adapters. */
    public static final AdapterSupply NONE = new AdapterSupply(0, _ -> Optional.empty());

    /** The same for an engine that can have so many. */
    AdapterSupply within(int engineSlots) {
        return new AdapterSupply(Math.min(mostLoaded, engineSlots), find);
    }

    public AdapterSupply {
        if (mostLoaded < 0) {
            throw new IllegalArgumentException(mostLoaded + " adapters cannot be loaded");
        }
    }
}
