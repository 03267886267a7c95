package dev.cairn.distribution.bench.predict;

import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.engine.simulated.CostModel;
import dev.cairn.engine.simulated.SimulatedRunner;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Slices of load on the simulated engine, one after the other. Threads: one. */
final class VirtualRun implements Client.Rest {

    private final VirtualDriver driver;
    private final Replay replay;
    private final Client client;
    private long awakeFrom;

    VirtualRun(
            RunnerDescription description,
            CostModel costs,
            BiFunction<ModelRunner, MailboxDriver, ScheduledBackend> backends,
            long seed) {
        driver = new VirtualDriver(seed);
        replay = new Replay(costs, driver.random("disturbances"));
        ModelRunner engine = new SimulatedRunner(description, replay, driver, driver);
        client = new Client(backends.apply(engine, driver), driver, this);
    }

    /**
     * Runs a slice until all its requests are answered.
     *
     * @param machine when it was as fast, and as busy with other things, as it is to be now
     */
    List<Latencies> run(List<PlannedRequest> load, List<Notes> machine) {
        replay.as(machine);
        long start = driver.nanos();
        List<Latencies> all = new ArrayList<>();
        for (PlannedRequest planned : load) {
            long at = start + planned.atNanos();
            Latencies latencies = new Latencies(driver, at);
            all.add(latencies);
            driver.schedule(
                    at,
                    () -> {
                        client.arrives(at);
                        driver.schedule(awakeFrom, () -> client.submit(planned, latencies, at));
                    });
        }
        driver.runUntilIdle();
        return all;
    }

    @Override
    public void begins(long nanos) {
        replay.rests();
    }

    @Override
    public void ends(long nanos) {
        awakeFrom = nanos + replay.wake();
    }
}
