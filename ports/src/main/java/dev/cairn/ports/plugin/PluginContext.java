package dev.cairn.ports.plugin;

import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.RandomSource;
import dev.cairn.ports.system.Settings;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;

/**
 * What the host lends to a plugin, for the life of the process. Logs go through {@code
 * System.Logger}.
 */
public record PluginContext(
        Settings settings, Telemetry telemetry, Clock clock, Timers timers, RandomSource random) {}
