package dev.cairn.engine.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Counts the cores that are worth a thread: two hardware threads of one core share its multipliers,
 * so a second one only takes cache from the first.
 */
final class Processors {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String ALLOWED = "Cpus_allowed_list:";
    private static final int MOST_PROCESSORS = 1 << 16;

    private Processors() {}

    /**
     * Physical cores that this process may use, at least 1. Where the system does not say which
     * processors share a core, every processor counts.
     */
    static int usableCores() {
        int available = Runtime.getRuntime().availableProcessors();
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(ALLOWED)) {
                    int cores =
                            cores(line.substring(ALLOWED.length()).strip(), Processors::siblings);
                    return Math.clamp(cores, 1, available);
                }
            }
        } catch (IOException | NumberFormatException _) {
            // not Linux, or a kernel that tells less: every processor counts
        }
        return available;
    }

    /**
     * Distinct sets of siblings among the allowed processors.
     *
     * @param allowed as the kernel writes lists: {@code "0-3,8"}
     * @param siblings list of the processors that share a core with one, if it is known
     */
    static int cores(String allowed, IntFunction<Optional<String>> siblings) {
        Set<String> cores = new HashSet<>();
        for (String range : allowed.split(",", -1)) {
            String[] ends = range.split("-", 2);
            int first = Integer.parseInt(ends[0].strip());
            int last = Math.min(Integer.parseInt(ends[ends.length - 1].strip()), MOST_PROCESSORS);
            for (int processor = first; processor <= last; processor++) {
                cores.add(siblings.apply(processor).orElse("processor " + processor));
            }
        }
        return cores.size();
    }

    private static Optional<String> siblings(int processor) {
        Path file =
                Path.of(
                        "/sys/devices/system/cpu/cpu"
                                + processor
                                + "/topology/thread_siblings_list");
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
