package dev.cairn.distribution.wiring;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Memory that this process may still take: of the machine, and of the container around it.
 *
 * <p>On Linux it is read from {@code /proc} and control groups version 2, because the JVM's own
 * bean counts the page cache as used, and costs a tenth of a second at start.
 */
final class FreeMemory {

    private static final Path MACHINE = Path.of("/proc/meminfo");
    private static final Path CONTAINER = Path.of("/sys/fs/cgroup");

    private FreeMemory() {}

    /** Bytes. */
    static long bytes() {
        OptionalLong machine = number(lines(MACHINE), "MemAvailable:", 1024);
        if (machine.isEmpty()) {
            return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                    .getFreeMemorySize();
        }
        return Math.min(machine.getAsLong(), container());
    }

    private static long container() {
        OptionalLong limit = number(lines(CONTAINER.resolve("memory.max")), "", 1);
        OptionalLong used = number(lines(CONTAINER.resolve("memory.current")), "", 1);
        if (limit.isEmpty() || used.isEmpty()) {
            return Long.MAX_VALUE;
        }
        // Cached pages of files that nobody reads are given back before anything else.
        long cached =
                number(lines(CONTAINER.resolve("memory.stat")), "inactive_file ", 1).orElse(0);
        return Math.max(0, limit.getAsLong() - used.getAsLong() + cached);
    }

    /** The number of the first line that starts with a label; none where it is no number. */
    private static OptionalLong number(List<String> lines, String label, long unit) {
        for (String line : lines) {
            if (line.startsWith(label)) {
                String digits = line.substring(label.length()).strip().replaceFirst(" kB$", "");
                return digits.matches("[0-9]{1,15}")
                        ? OptionalLong.of(Long.parseLong(digits) * unit)
                        : OptionalLong.empty();
            }
        }
        return OptionalLong.empty();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException notHere) {
            return List.of();
        }
    }
}
