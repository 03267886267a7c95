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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.CRC32C;

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
            byte[] magic = bytes.readNBytes(DecisionLog.MAGIC.length());
            if (!Arrays.equals(magic, DecisionLog.MAGIC.getBytes(StandardCharsets.US_ASCII))) {
                throw new IOException("it is no decision log");
            }
            at = magic.length;
            DataInputStream in = new DataInputStream(bytes);
            for (long number = 0; ; number++) {
                byte[] frame = frame(in);
                if (frame.length == 0) {
                    return;
                }
                accept(frame, number);
                at += 2L * Integer.BYTES + frame.length;
            }
        } catch (EOFException ended) {
            remarks.add("%s ends within the record at byte %d".formatted(file, at));
        } catch (IOException | IllegalArgumentException wrong) {
            throw new StartException(
                    "%s, at byte %d: %s".formatted(file, at, wrong.getMessage()), wrong);
        }
    }

    /** The next frame's record after its number; empty at the end. */
    private static byte[] frame(DataInputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return new byte[0];
        }
        int length = first << 24;
        for (int shift = 16; shift >= 0; shift -= 8) {
            length |= in.readUnsignedByte() << shift;
        }
        if (length <= Long.BYTES || length > DecisionLog.MOST_BYTES) {
            throw new IOException("the log is damaged: a record of " + length + " bytes");
        }
        int sum = in.readInt();
        byte[] frame = in.readNBytes(length);
        if (frame.length < length) {
            throw new EOFException();
        }
        CRC32C is = new CRC32C();
        is.update(frame);
        if ((int) is.getValue() != sum) {
            throw new IOException("the log is damaged: a record does not have its checksum");
        }
        return frame;
    }

    private void accept(byte[] frame, long number) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(frame));
        long is = in.readLong();
        if (is != number) {
            throw new IOException(
                    "the log is damaged: record %d where %d was to come".formatted(is, number));
        }
        RouterRecord record;
        try {
            record = RecordFormat.read(in);
        } catch (EOFException tooShort) {
            throw new IOException("the log is damaged: a record is too short", tooShort);
        }
        replay.accept(record);
    }
}
