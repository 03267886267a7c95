package dev.cairn.distribution.bench.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * This program once more, as a server in a process of its own, so that the load's processor time
 * and the server's are apart. Closing it ends the process.
 */
public final class OwnServer implements AutoCloseable {

    private static final Pattern ADDRESS = Pattern.compile("Cairn (?:serves|relays) at (\\S+)");
    private static final long PATIENCE_SECONDS = 30;

    private final Process process;
    private final URI url;

    private OwnServer(Process process, URI url) {
        this.process = process;
        this.url = url;
    }

    /**
     * Starts {@code cairn serve} on a free port of loopback and waits until it serves.
     *
     * @param arguments of {@code cairn serve}
     * @param environment for what others on this machine must not see in a command line
     * @throws ServerException if it does not start; what it complained about went to standard error
     */
    public static OwnServer start(List<String> arguments, Map<String, String> environment) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.cairn.distribution.CairnLauncher",
                        "serve",
                        "--host",
                        "127.0.0.1",
                        "--port",
                        "0"));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            Thread end = new Thread(process::destroyForcibly, "end of the own server");
            Runtime.getRuntime().addShutdownHook(end);
            return new OwnServer(process, address(process));
        } catch (IOException broken) {
            throw new ServerException("cannot start a server: " + broken.getMessage(), broken);
        }
    }

    public URI url() {
        return url;
    }

    /** For its processor time and memory. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** Ends it as SIGTERM does; it drains first. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static URI address(Process process) throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        URI found = null;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher address = ADDRESS.matcher(line);
            if (address.find()) {
                found = URI.create(address.group(1));
            }
            if (found != null && line.strip().startsWith("curl ")) {
                Thread.ofVirtual().start(() -> readOn(lines));
                return found;
            }
        }
        throw new ServerException("the server that was to be measured did not start", null);
    }

    /** A full pipe would stop the server. */
    private static void readOn(BufferedReader lines) {
        try {
            while (lines.readLine() != null) {
                // What it says is not of interest any more.
            }
        } catch (IOException closed) {
            // Then it has ended.
        }
    }
}
