package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the engine reads of the machine: cores and memory, from the kernel's own words. */
class MachineTest {

    @Test
    void hardwareThreadsOfOneCoreCountOnce() {
        // two cores of two threads each, numbered as Intel does
        assertThat(Processors.cores("0-3", cpu -> Optional.of(cpu % 2 + "," + (cpu % 2 + 2))))
                .isEqualTo(2);
        assertThat(Processors.cores("0,2", cpu -> Optional.of(cpu % 2 + "," + (cpu % 2 + 2))))
                .isEqualTo(1);
    }

    @Test
    void whereNothingIsSaidEveryProcessorCounts() {
        assertThat(Processors.cores("0-2,7", _ -> Optional.empty())).isEqualTo(4);
    }

    @Test
    void theUsableCoresAreAtMostTheProcessors() {
        assertThat(Processors.usableCores())
                .isBetween(1, Runtime.getRuntime().availableProcessors());
    }

    @Test
    void availableMemoryIsReadFromTheKernel() {
        List<String> lines =
                List.of("MemTotal:  100 kB", "MemAvailable:     48 kB", "Buffers: 1 kB");
        assertThat(MachineMemory.available(lines)).hasValue(48 * 1024);
        assertThat(MachineMemory.available(List.of("MemTotal: 100 kB"))).isEmpty();
    }

    @Test
    void aContainersCachedFilesCountAsFree() {
        List<String> statistics = List.of("anon 600", "inactive_file 200", "active_file 100");
        assertThat(MachineMemory.groupAvailable(List.of("1000"), List.of("900"), statistics))
                .hasValue(300);
    }

    @Test
    void aGroupWithoutLimitSaysNothing() {
        assertThat(MachineMemory.groupAvailable(List.of("max"), List.of("900"), List.of()))
                .isEmpty();
        assertThat(MachineMemory.groupAvailable(List.of(), List.of(), List.of())).isEmpty();
    }
}
