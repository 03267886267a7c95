package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.distribution.command.CommandTree;
import dev.cairn.distribution.command.Terminal;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code cairn cache} in this process, against a server in another. */
final class CacheCommandLine {

    /** A property of the tests, which the program would take for a setting of its own. */
    private static final String SIZE = "cairn.test.size";

    private CacheCommandLine() {}

    /** Runs {@code cairn cache} and reads what it prints; fails if the command does. */
    static JsonObject json(CairnProcess cairn, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> line = new ArrayList<>(List.of("cache"));
        line.addAll(List.of(words));
        line.addAll(List.of("--json", "--url", cairn.url().toString()));
        String size = System.getProperty(SIZE);
        System.clearProperty(SIZE);
        int status =
                new CommandTree(
                                new Terminal(
                                        new ByteArrayInputStream(new byte[0]),
                                        new PrintStream(out, true, StandardCharsets.UTF_8),
                                        new PrintStream(err, true, StandardCharsets.UTF_8)))
                        .run(line.toArray(String[]::new));
        if (size != null) {
            System.setProperty(SIZE, size);
        }
        assertThat(status).as(err.toString(StandardCharsets.UTF_8)).isZero();
        return (JsonObject) JsonReader.read(out.toString(StandardCharsets.UTF_8));
    }
}
