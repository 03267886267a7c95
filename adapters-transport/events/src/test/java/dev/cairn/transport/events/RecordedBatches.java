package dev.cairn.transport.events;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** What a real vLLM published, in the order of its sequence. */
final class RecordedBatches {

    private RecordedBatches() {}

    record Recorded(String topic, long sequence, byte[] payload) {}

    /**
     * @param name of a file beside this class
     */
    static List<Recorded> read(String name) {
        try (InputStream in =
                new GZIPInputStream(RecordedBatches.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" "))
                    .map(
                            parts ->
                                    new Recorded(
                                            parts[0],
                                            Long.parseLong(parts[1]),
                                            HexFormat.of().parseHex(parts[2])))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
