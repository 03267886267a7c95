package dev.cairn.ports.cache;

import java.time.Duration;
import java.util.Optional;

/**
 * A pin that has a name.
 *
 * @param model served name
 * @param tenant account whose blocks they are
 * @param blocks that it holds, over all tiers
 * @param left how long it lasts; empty = until it is taken back
 */
public record PinStatus(
        String name, String model, String tenant, int blocks, Optional<Duration> left) {}
