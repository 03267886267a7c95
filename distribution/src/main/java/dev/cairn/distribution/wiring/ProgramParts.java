package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.drive.SystemRandom;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.RandomSource;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes the parts that are of the platform: time, threads, telemetry. */
final class ProgramParts {

    @Produces
    @Singleton
    Clock clock() {
        return SystemClock.INSTANCE;
    }

    @Produces
    @Singleton
    RandomSource random() {
        return SystemRandom.INSTANCE;
    }

    @Produces
    @Singleton
    SystemTimers timers() {
        return new SystemTimers();
    }

    void close(@Disposes SystemTimers timers) {
        timers.close();
    }

    @Produces
    @Singleton
    ProgramTelemetry telemetry(Configuration configuration, ProgramVersion version) {
        return ProgramTelemetry.of(configuration, version.number());
    }

    void close(@Disposes ProgramTelemetry telemetry) {
        telemetry.close();
    }

    @Produces
    @Singleton
    ThreadMailboxes mailboxes(Clock clock) {
        return new ThreadMailboxes(clock);
    }

    void close(@Disposes ThreadMailboxes mailboxes) {
        mailboxes.close();
    }

    @Produces
    @Singleton
    PluginContext pluginContext(
            Configuration configuration,
            ProgramTelemetry telemetry,
            Clock clock,
            SystemTimers timers,
            RandomSource random) {
        return new PluginContext(configuration, telemetry, clock, timers, random);
    }
}
