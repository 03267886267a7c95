package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A place in a fleet, at a port of its own: when its process is gone, another one takes it.
 *
 * <p>Threads: one disturbs it, any look at it.
 */
final class Seat {

    /** What a process must have none of when nothing is asked of it. */
    private static final List<String> LIVE =
            List.of(
                    "cairn:routing_bookings",
                    "cairn:routing_waiting",
                    "cairn:node_live_requests",
                    "cairn:split_live_prompts",
                    "cairn:split_held_blocks",
                    "cairn:prompts_live",
                    "cairn:prompts_held_blocks",
                    "cairn:peer_lent_blocks",
                    "cairn:peer_staging_used_bytes",
                    "vllm:num_requests_running",
                    "vllm:num_requests_waiting",
                    "vllm:kv_cache_usage_perc");

    /** Threads whose number the JVM changes as it likes. */
    private static final List<String> OF_THE_JVM =
            List.of("C1 Compiler", "C2 Compiler", "GC Thread", "G1 ", "ForkJoinPool", "java");

    private final String name;
    private final FleetOfRoles fleet;
    private final int port;
    private final List<String> arguments;
    private final String[] settings;
    private volatile CairnProcess process;
    private volatile long killedNanos;
    private volatile int kills;
    private volatile int stops;
    private volatile boolean empty = true;

    Seat(String name, FleetOfRoles fleet, int port, List<String> arguments, String... settings) {
        this.name = name;
        this.fleet = fleet;
        this.port = port;
        this.arguments = List.copyOf(arguments);
        this.settings = settings.clone();
        this.killedNanos = System.nanoTime();
    }

    /** Somebody takes it. */
    Seat begin() throws IOException {
        process = fleet.start(port, arguments, settings);
        empty = false;
        return this;
    }

    int port() {
        return port;
    }

    CairnProcess process() {
        return process;
    }

    int kills() {
        return kills;
    }

    int stops() {
        return stops;
    }

    /** Whether nobody serves here for now, which a load balancer in front would know. */
    boolean isEmpty() {
        return empty;
    }

    void kill() {
        empty = true;
        killedNanos = System.nanoTime();
        kills++;
        process.kill();
    }

    /** Whether a process was killed here after a moment. */
    boolean wasKilledSince(long nanos) {
        return killedNanos - nanos > 0;
    }

    void stop() throws IOException {
        stops++;
        process.signal("STOP");
    }

    void goOn() throws IOException {
        process.signal("CONT");
    }

    /** What is not zero of what should be, when nothing is asked of the fleet. */
    Map<String, Double> busyWith() {
        return LIVE.stream()
                .collect(
                        Collectors.toMap(series -> series, series -> fleet.metric(process, series)))
                .entrySet()
                .stream()
                .filter(each -> each.getValue() != 0)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** What the operating system says that it has. */
    Footprint footprint() {
        return new Footprint(
                count(Path.of("/proc", Long.toString(process.pid()), "fd"), _ -> true),
                count(
                        Path.of("/proc", Long.toString(process.pid()), "task"),
                        thread -> OF_THE_JVM.stream().noneMatch(nameOf(thread)::startsWith)));
    }

    private static long count(Path folder, Predicate<Path> which) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(which).count();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private static String nameOf(Path thread) {
        try {
            return Files.readString(thread.resolve("comm"));
        } catch (IOException ended) {
            return OF_THE_JVM.getFirst();
        }
    }

    /** Virtual threads that wait for another node's answer. */
    List<String> waitingThreads() throws Exception {
        Path dump = Files.createTempFile("threads-", ".json");
        Files.delete(dump);
        Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process asked =
                new ProcessBuilder(
                                tool.toString(),
                                Long.toString(process.pid()),
                                "Thread.dump_to_file",
                                "-format=json",
                                dump.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(asked.getInputStream().readAllBytes());
        assertThat(asked.waitFor()).as(said).isZero();
        try (Stream<String> lines = Files.lines(dump)) {
            return lines.filter(line -> line.contains("\"name\""))
                    .map(String::strip)
                    .filter(line -> line.contains("node-answer") || line.contains("node-prompt"))
                    .toList();
        } finally {
            Files.deleteIfExists(dump);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** Descriptors, and threads of the program's own. */
    record Footprint(long descriptors, long threads) {

        /** Whether there are at most so many more of each than in another. */
        boolean isWithin(Footprint other, int more) {
            return descriptors <= other.descriptors + more && threads <= other.threads + more;
        }
    }
}
