package dev.cairn.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The real program in a process of its own: the launcher script over an assembled folder, with the
 * Java that the script finds.
 */
public final class CairnProcess implements AutoCloseable {

    /** Long enough for a loaded machine; nothing is measured by it. */
    private static final long PATIENCE_SECONDS = 180;

    private static final Pattern ADDRESS = Pattern.compile("Cairn (?:serves|relays) at (\\S+)");

    private final Process process;
    private final Path errors;
    private final List<String> output = new ArrayList<>();
    private URI url;

    private CairnProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /** The folder that the build assembled. */
    public static Path assembled() {
        return module().resolve("target/cairn").toAbsolutePath();
    }

    /** The root of the source tree. */
    public static Path checkout() {
        return module().getParent();
    }

    /** A small model with a chat template, from the test resources. */
    public static Path tinyModel() {
        return module().resolve("src/test/resources/oracles/qwen3-qknorm").toAbsolutePath();
    }

    /** Starts a server on a free port and waits until it says that it serves. */
    public static CairnProcess serve(Path home, String... arguments) throws IOException {
        return serveAt(home, 0, arguments);
    }

    /** The same on a given port. */
    public static CairnProcess serveAt(Path home, int port, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("serve", "--port", Integer.toString(port)));
        command.addAll(List.of(arguments));
        CairnProcess cairn = start(home, command);
        cairn.awaitAddress();
        return cairn;
    }

    /** The same with variables of the environment. */
    public static CairnProcess serveWith(
            Path home, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("serve", "--port", "0"));
        command.addAll(List.of(arguments));
        CairnProcess cairn = start(home, environment, command);
        cairn.awaitAddress();
        return cairn;
    }

    /** Starts a command that may be stopped in its midst. */
    public static CairnProcess begin(Path home, String... arguments) throws IOException {
        return start(home, List.of(arguments));
    }

    /** Runs a command to its end. */
    public static Ended run(Path home, String... arguments) throws IOException {
        return runWithInput(home, "", arguments);
    }

    /** As {@link #run(Path, String...)}, with something on standard input. */
    public static Ended runWithInput(Path home, String input, String... arguments)
            throws IOException {
        try (CairnProcess cairn = start(home, List.of(arguments))) {
            return cairn.endAfter(input);
        }
    }

    /** As {@link #run(Path, String...)}, with variables of the environment. */
    public static Ended runWith(Path home, Map<String, String> environment, String... arguments)
            throws IOException {
        try (CairnProcess cairn = start(home, environment, List.of(arguments))) {
            return cairn.endAfter("");
        }
    }

    private Ended endAfter(String input) throws IOException {
        try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(input);
        }
        readToEnd();
        return ended();
    }

    public URI url() {
        return url;
    }

    /** Of the operating system. */
    public long pid() {
        return process.pid();
    }

    /** SIGKILL, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** What it has printed since its start. */
    public List<String> output() {
        return output;
    }

    /** Sends SIGTERM, again if it was sent before, and waits for the end. */
    public Ended terminate() throws IOException {
        signal();
        readToEnd();
        return ended();
    }

    /** Sends SIGTERM; Process.destroy would close the pipe of its output as well. */
    public void signal() {
        process.toHandle().destroy();
    }

    /** Sends a signal by name, for example {@code "STOP"}. */
    public void signal(String name) throws IOException {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static CairnProcess start(Path home, List<String> arguments) throws IOException {
        return start(home, Map.of(), arguments);
    }

    private static CairnProcess start(
            Path home, Map<String, String> environment, List<String> arguments) throws IOException {
        Path errors = Files.createTempFile("cairn-", ".err");
        List<String> command = new ArrayList<>(List.of("sh", launcher(home).toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.directory(new File(System.getProperty("java.io.tmpdir")));
        // The build's own Java is hidden: users have another one on the path, or none.
        builder.environment().remove("JAVA_HOME");
        builder.environment().put("CAIRN_BUILD", "never");
        builder.environment().putAll(environment);
        return new CairnProcess(builder.start(), errors);
    }

    /**
     * An unpacked archive has its launcher beside it; the checkout's folder is run by the root's.
     */
    private static Path launcher(Path home) {
        Path beside = home.resolve("cairn");
        return Files.isRegularFile(beside) ? beside : checkout().resolve("cairn");
    }

    private static Path module() {
        return Path.of(System.getProperty("basedir", ".")).toAbsolutePath().normalize();
    }

    private void awaitAddress() throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            output.add(line);
            Matcher address = ADDRESS.matcher(line);
            if (address.find()) {
                url = URI.create(address.group(1));
            }
            if (line.strip().startsWith("curl ")) {
                return;
            }
        }
        throw new AssertionError("the server did not start: " + ended());
    }

    private void readToEnd() throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            output.add(line);
        }
    }

    private Ended ended() {
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("ended after %d s", PATIENCE_SECONDS)
                    .isTrue();
            List<String> complaints =
                    Files.readAllLines(errors).stream()
                            .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
                            .toList();
            return new Ended(
                    process.exitValue(), String.join("\n", output), String.join("\n", complaints));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    /**
     * How it ended.
     *
     * @param err without the JVM's own line about incubator modules
     */
    public record Ended(int status, String out, String err) {}
}
