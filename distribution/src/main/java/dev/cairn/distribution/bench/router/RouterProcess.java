package dev.cairn.distribution.bench.router;

import dev.cairn.distribution.bench.server.OwnServer;
import dev.cairn.distribution.bench.server.ServerException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A router in a process of its own, whose processor time and memory can be read. */
final class RouterProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_MILLIS = 100;

    private final String name;
    private final int port;
    private final ProcessHandle process;
    private final AutoCloseable owner;

    private RouterProcess(String name, int port, ProcessHandle process, AutoCloseable owner) {
        this.name = name;
        this.port = port;
        this.process = process;
        this.owner = owner;
    }

    /** This program's relay. */
    static RouterProcess own(List<String> workers, List<String> arguments) {
        List<String> all =
                Stream.concat(
                                Stream.of(
                                        "--role",
                                        "router",
                                        "--set",
                                        "cairn.remote.workers=" + String.join(",", workers)),
                                arguments.stream())
                        .toList();
        OwnServer server = OwnServer.start(all, Map.of());
        return new RouterProcess("cairn", server.url().getPort(), server.process(), server);
    }

    /**
     * Another router.
     *
     * @param command words separated by spaces; {@code {port}} and {@code {urls}} are filled in
     * @throws ServerException if it does not answer
     */
    static RouterProcess other(String name, String command, List<String> workers) {
        try {
            int port = freePort();
            String filled =
                    command.replace("{port}", Integer.toString(port))
                            .replace("{urls}", String.join(" ", workers));
            Process process =
                    new ProcessBuilder(filled.strip().split("\\s+"))
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            var router = new RouterProcess(name, port, process.toHandle(), () -> end(process));
            router.await(process);
            return router;
        } catch (IOException failed) {
            throw new ServerException(name + " cannot be started: " + failed.getMessage(), failed);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }

    private void await(Process started) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        URI models = URI.create("http://127.0.0.1:" + port + "/v1/models");
        while (System.nanoTime() < end && started.isAlive()) {
            try (var in = models.toURL().openStream()) {
                in.readAllBytes();
                return;
            } catch (IOException notYet) {
                pause();
            }
        }
        end(started);
        throw new ServerException(name + " does not answer at port " + port, null);
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new ServerException("interrupted", stopped);
        }
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    /** Processor time of the process and those that it started, in microseconds. */
    double processorMicros() {
        return Stream.concat(Stream.of(process), process.descendants())
                        .map(each -> each.info().totalCpuDuration())
                        .flatMap(Optional::stream)
                        .mapToLong(Duration::toMillis)
                        .sum()
                * 1000.0;
    }

    /** Resident memory in MiB; NaN where the system does not tell. */
    double residentMebibytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException | RuntimeException none) {
            return Double.NaN;
        }
    }

    @Override
    public void close() {
        try {
            owner.close();
        } catch (Exception failed) {
            throw new ServerException(name + " cannot be ended: " + failed.getMessage(), failed);
        }
    }
}
