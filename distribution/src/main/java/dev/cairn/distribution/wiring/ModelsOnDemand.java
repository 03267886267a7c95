package dev.cairn.distribution.wiring;

import dev.cairn.core.demand.DemandDesk;
import dev.cairn.core.demand.DemandSettings;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Lets models take turns with the machine's memory, where the configuration asks for it. */
@Singleton
final class ModelsOnDemand {

    private static final int MOST_HELD = 4_096;

    private final Configuration configuration;
    private final ThreadMailboxes mailboxes;
    private final Timers timers;
    private final ProgramTelemetry telemetry;
    private Optional<DemandDesk> desk = Optional.empty();

    @Inject
    ModelsOnDemand(
            Configuration configuration,
            ThreadMailboxes mailboxes,
            Timers timers,
            ProgramTelemetry telemetry) {
        this.configuration = configuration;
        this.mailboxes = mailboxes;
        this.timers = timers;
        this.telemetry = telemetry;
    }

    /** Whether requests wake their models. */
    boolean configured() {
        return configuration.integer(ProgramSettings.MOST_AWAKE).isPresent()
                || configuration.duration(ProgramSettings.IDLE_SLEEP).isPresent();
    }

    /** How many of so many models have memory at once. */
    int awake(int models) {
        return configuration.integer(ProgramSettings.MOST_AWAKE).isPresent()
                ? Math.min(
                        models,
                        configuration.requiredInteger(ProgramSettings.MOST_AWAKE, 1, 1 << 20))
                : models;
    }

    /**
     * What requests for the model are given to.
     *
     * @throws dev.cairn.ports.system.Settings.SettingException if its engine cannot give memory
     *     back, or other processes use it directly
     */
    GenerationBackend over(LoadedModel model) {
        if (!configured()) {
            return model.backend();
        }
        if (!configuration.text(ProgramSettings.ROLE).orElse("all").equals("all")) {
            throw configuration.problem(
                    ProgramSettings.ROLE,
                    "a worker of a fleet keeps its models awake; take %s and %s away, or serve with --role all"
                            .formatted(ProgramSettings.MOST_AWAKE, ProgramSettings.IDLE_SLEEP));
        }
        if (model.backend().sleeper().isEmpty()) {
            throw configuration.problem(
                    ProgramSettings.MOST_AWAKE,
                    "the engine of %s cannot give its memory back".formatted(model.name()));
        }
        if (desk.isEmpty()) {
            desk = Optional.of(new DemandDesk(settings(), mailboxes, timers, telemetry));
        }
        return desk.get().add(model.backend());
    }

    /** Where requests wait for their models. */
    Optional<DemandDesk> desk() {
        return desk;
    }

    private DemandSettings settings() {
        Duration idle = configuration.duration(ProgramSettings.IDLE_SLEEP).orElse(Duration.ZERO);
        return new DemandSettings(awake(Integer.MAX_VALUE), idle, MOST_HELD);
    }

    /**
     * Makes room for the next model at start.
     *
     * @param number of the model that was loaded, from 0
     * @param models that are loaded in all
     */
    void loaded(LoadedModel model, int number, int models) {
        if (number >= awake(models) - 1 && number < models - 1) {
            CompletableFuture<Void> slept = new CompletableFuture<>();
            Sleeper sleeper = model.backend().sleeper().orElseThrow();
            sleeper.sleep(
                    SleepMode.WAIT,
                    new Completion<>() {
                        @Override
                        public void completed(Void nothing) {
                            slept.complete(null);
                        }

                        @Override
                        public void failed(Throwable failure) {
                            slept.completeExceptionally(failure);
                        }
                    });
            slept.join();
        }
    }
}
