package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.schedule.SimulatedWorker.Timed;
import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.core.simulate.VirtualDriver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A fleet in one thread. */
class ThousandWorkersTest {

    private static final int WORKERS = 1000;
    private static final int REQUESTS = 5000;

    @Test
    void aThousandWorkersRunInOneThreadAndRepeatBySeed() {
        long digest = run(7);
        assertThat(run(7)).isEqualTo(digest);
        assertThat(run(8)).isNotEqualTo(digest);
    }

    private static long run(long seed) {
        VirtualDriver driver = new VirtualDriver(seed);
        SchedulerSettings settings = SchedulerSettings.forModelLength(8192);
        List<SimulatedWorker> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            workers.add(
                    new SimulatedWorker(driver, "worker " + i, SimulatedWorker.GPU, 600, settings));
        }
        SeededRandom random = driver.random("requests");
        double at = 0;
        for (int i = 0; i < REQUESTS; i++) {
            at += random.nextExponential(100_000);
            int[] prompt = Ask.prompt(random.nextLong(), 10 + random.nextInt(500));
            Ask ask = new Ask("request " + i, prompt).maxTokens(1 + random.nextInt(40));
            workers.get(random.nextInt(WORKERS)).submit((long) at, ask);
        }
        driver.runUntilIdle();
        long digest = driver.digest();
        for (SimulatedWorker worker : workers) {
            assertThat(worker.backend.load().usedBlocks()).isZero();
            for (Timed timed : worker.all()) {
                assertThat(timed.heard().problem()).isNull();
                digest = digest * 31 + timed.heard().ids().hashCode();
            }
        }
        return digest;
    }
}
