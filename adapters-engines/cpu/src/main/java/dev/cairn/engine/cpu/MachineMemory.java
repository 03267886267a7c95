package dev.cairn.engine.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * How much memory the machine, or the container around this process, can still give.
 *
 * <p>Linux says it in {@code /proc/meminfo} ({@code MemAvailable}: free memory and what caches
 * would give back) and, inside a container, in the files of control groups version 2. Elsewhere the
 * answer is unknown, and nothing is refused.
 */
final class MachineMemory {

    private static final Path MEMORY_INFO = Path.of("/proc/meminfo");
    private static final Path GROUP = Path.of("/sys/fs/cgroup");

    private MachineMemory() {}

    /** Bytes that can be had without pushing anything else out. */
    static OptionalLong available() {
        OptionalLong machine = available(lines(MEMORY_INFO));
        OptionalLong group =
                groupAvailable(
                        lines(GROUP.resolve("memory.max")),
                        lines(GROUP.resolve("memory.current")),
                        lines(GROUP.resolve("memory.stat")));
        if (machine.isPresent() && group.isPresent()) {
            return OptionalLong.of(Math.min(machine.getAsLong(), group.getAsLong()));
        }
        return machine.isPresent() ? machine : group;
    }

    /** Reads {@code MemAvailable} from the lines of {@code /proc/meminfo}. */
    static OptionalLong available(List<String> memoryInfo) {
        for (String line : memoryInfo) {
            if (line.startsWith("MemAvailable:")) {
                return number(line.replaceAll("[^0-9]", "")).stream()
                        .map(kibibytes -> kibibytes * 1024)
                        .findFirst();
            }
        }
        return OptionalLong.empty();
    }

    /**
     * Limit of a control group less what is used, where used file pages that are not in active use
     * count as free.
     */
    static OptionalLong groupAvailable(
            List<String> limit, List<String> current, List<String> statistics) {
        OptionalLong most = limit.isEmpty() ? OptionalLong.empty() : number(limit.getFirst());
        OptionalLong used = current.isEmpty() ? OptionalLong.empty() : number(current.getFirst());
        if (most.isEmpty() || used.isEmpty()) {
            return OptionalLong.empty();
        }
        long reclaimable = 0;
        for (String line : statistics) {
            if (line.startsWith("inactive_file ")) {
                reclaimable = number(line.substring(line.indexOf(' '))).orElse(0);
            }
        }
        return OptionalLong.of(Math.max(0, most.getAsLong() - used.getAsLong() + reclaimable));
    }

    private static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text.strip()));
        } catch (NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException _) {
            return List.of();
        }
    }
}
