package dev.cairn.ports.cache;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which blocks are to be forgotten: those for which every part that is present holds.
 *
 * @param ownModel only those of the model that the asked engine serves; otherwise also blocks that
 *     other models, and former versions, left in the tiers
 * @param tenant digest that quotas are counted under
 * @param storedBefore milliseconds since 1970-01-01T00:00Z; the device keeps no times and is left
 *     alone where this is present
 * @param places {@link CacheControl#DEVICE} and names of tiers; empty = all
 */
public record ClearOrder(
        boolean ownModel, Optional<String> tenant, OptionalLong storedBefore, Set<String> places) {

    public ClearOrder {
        places = Set.copyOf(places);
    }

    public boolean concerns(String place) {
        return places.isEmpty() || places.contains(place);
    }
}
