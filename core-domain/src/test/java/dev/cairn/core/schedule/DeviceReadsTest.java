package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Blocks leave a device for peers few at a time, and as they are. */
class DeviceReadsTest {

    private static final int[] PROMPT = Ask.prompt(1, 160);

    private final VirtualDriver driver = new VirtualDriver();
    private final Bench bench =
            new SharingServer(new SimulatedFleet().attach(driver), driver, "a").bench;
    private final RunnerDescription runner = bench.runner.description();
    private final KvLayout layout = runner.groups().getFirst().layout();
    private final List<GetOutcome> outcomes = new ArrayList<>();

    private BlockRead read(BlockHash hash) {
        MemorySegment bytes = Arena.ofAuto().allocate(layout.blockBytes(), 64);
        MemoryLease lease =
                new MemoryLease() {
                    @Override
                    public MemorySegment segment() {
                        return bytes;
                    }

                    @Override
                    public void close() {}
                };
        BlockKey key = new BlockKey(runner.fingerprint().hex(), runner.identity(), 0, hash);
        return new BlockRead(key, layout, lease);
    }

    private BlockRead ask(BlockHash hash) {
        BlockRead read = read(hash);
        bench.backend
                .deviceBlocks()
                .read(
                        read,
                        new Completion<>() {
                            @Override
                            public void completed(GetOutcome outcome) {
                                outcomes.add(outcome);
                            }

                            @Override
                            public void failed(Throwable failure) {
                                throw new AssertionError(failure);
                            }
                        });
        return read;
    }

    private BlockHash anyHeld() {
        bench.run(new Ask("before", PROMPT).maxTokens(1));
        return bench.cache.of(0).iterator().next();
    }

    @Test
    void noMoreThanTwoAreCopiedAtOnceAndNoMoreThanSixtyFourWait() {
        BlockHash hash = anyHeld();
        for (int i = 0; i < 80; i++) {
            ask(hash);
        }
        assertThat(outcomes).hasSize(16).containsOnly(GetOutcome.BUSY);
        int most = 0;
        while (driver.runOne()) {
            most = Math.max(most, bench.runner.copying());
        }
        assertThat(most).isEqualTo(2);
        assertThat(Collections.frequency(outcomes, GetOutcome.FOUND)).isEqualTo(64);
        bench.assertNothingHeld();
        ask(hash);
        bench.finish();
        assertThat(outcomes).last().isEqualTo(GetOutcome.FOUND);
    }

    @Test
    void whatIsNotThereIsAbsentAndSoIsEverythingAfterTheEnd() {
        BlockHash hash = anyHeld();
        ask(new BlockHash(1, 2, 3, 4));
        bench.finish();
        assertThat(outcomes).containsExactly(GetOutcome.ABSENT);
        ask(hash);
        bench.backend.close();
        ask(hash);
        driver.runUntilIdle();
        assertThat(outcomes).hasSize(3).containsOnly(GetOutcome.ABSENT);
    }
}
