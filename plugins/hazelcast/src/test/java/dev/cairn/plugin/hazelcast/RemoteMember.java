package dev.cairn.plugin.hazelcast;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** A {@link FleetProcess} from the outside, with what it was told to announce. */
final class RemoteMember implements AutoCloseable {

    private final Process process;
    private final BufferedReader answers;
    private final Writer questions;
    private final Map<Integer, TreeSet<String>> truth = new TreeMap<>();
    private String id;

    private RemoteMember(Process process) {
        this.process = process;
        answers = process.inputReader(StandardCharsets.UTF_8);
        questions = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Starts one, and does not wait until it has joined. */
    static RemoteMember start(Map<String, String> settings) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx256m",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FleetProcess.class.getName()));
        settings.forEach((key, value) -> command.add(key + "=" + value));
        return new RemoteMember(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** Waits until it has joined. */
    String id() {
        if (id == null) {
            id = readLine().substring("id ".length());
        }
        return id;
    }

    void announce(int from, int to, String tier) {
        ask("announce %d %d %s".formatted(from, to, tier));
        for (int block = from; block < to; block++) {
            truth.computeIfAbsent(block, any -> new TreeSet<>()).add(tier);
        }
    }

    void withdraw(int from, int to, String tier) {
        ask("withdraw %d %d %s".formatted(from, to, tier));
        for (int block = from; block < to; block++) {
            truth.computeIfAbsent(block, any -> new TreeSet<>()).remove(tier);
        }
    }

    int members() {
        return Integer.parseInt(ask("members"));
    }

    /** What it knows of the others' blocks. */
    String known(int from, int to) {
        return ask("known %d %d".formatted(from, to));
    }

    /** What it ought to know, if the others are there. */
    static String expected(List<RemoteMember> others, int from, int to) {
        TreeSet<String> expected = new TreeSet<>();
        for (RemoteMember other : others) {
            other.truth.forEach(
                    (block, tiers) -> {
                        if (block >= from && block < to) {
                            tiers.forEach(
                                    tier ->
                                            expected.add(
                                                    "%d@%s:%s".formatted(block, other.id, tier)));
                        }
                    });
        }
        return String.join(" ", expected);
    }

    /** Ends it without a word, {@code kill -9}. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Stops it where it stands (SIGSTOP), or lets it go on (SIGCONT). */
    void signal(String name) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .inheritIO()
                        .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name + " failed");
        }
    }

    private String ask(String question) {
        id();
        try {
            questions.write(question + "\n");
            questions.flush();
            return readLine();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private String readLine() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw new IOException("the member has ended");
            }
            return line;
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
