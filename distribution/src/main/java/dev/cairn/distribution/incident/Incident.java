package dev.cairn.distribution.incident;

import dev.cairn.core.route.IncidentReplay;
import dev.cairn.core.route.RouterRecord;
import dev.cairn.distribution.wiring.StartException;
import dev.cairn.ports.fleet.RoutingPolicy;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads a decision log and makes its decisions again. Threads: one. */
public final class Incident {

    private final IncidentReplay replay;
    private final List<String> remarks = new ArrayList<>();

    /**
     * @param policies by name
     * @param other asked besides
     */
    public Incident(
            Function<String, Optional<RoutingPolicy>> policies, Optional<RoutingPolicy> other) {
        this.replay = new IncidentReplay(policies, other);
    }

    /**
     * Replays a log: what was written before the file was full, if that is still there, then the
     * file.
     *
     * @throws StartException for the user, if a file cannot be read, or is not as it was written
     */
    public IncidentReport run(Path file) {
        Path before = DecisionLog.previous(file);
        if (Files.exists(before)) {
            read(before);
        }
        read(file);
        if (replay.decisions() == 0) {
            remarks.add("there is no decision in " + file);
        }
        return new IncidentReport(
                replay.decisions(), replay.difference(), replay.comparison(), remarks);
    }

    private void read(Path file) {
        long at = 0;
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            at = LogFrame.readBegin(bytes);
            for (long number = 0; ; number++) {
                Optional<byte[]> record = LogFrame.read(number, bytes);
                if (record.isEmpty()) {
                    return;
                }
                accept(record.get());
                at += LogFrame.length(record.get());
            }
        } catch (EOFException ended) {
            remarks.add("%s ends within the record at byte %d".formatted(file, at));
        } catch (IOException | IllegalArgumentException wrong) {
            throw new StartException(
                    "%s, at byte %d: %s".formatted(file, at, wrong.getMessage()), wrong);
        }
    }

    private void accept(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        RouterRecord record;
        try {
            record = RecordFormat.read(in);
        } catch (EOFException tooShort) {
            throw new IOException("the log is damaged: a record is too short", tooShort);
        }
        replay.accept(record);
    }
}
