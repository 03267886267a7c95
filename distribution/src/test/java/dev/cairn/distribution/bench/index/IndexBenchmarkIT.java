package dev.cairn.distribution.bench.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The events' file, and that the benchmark counts what is in it. */
class IndexBenchmarkIT {

    @TempDir private Path folder;

    @Test
    void countsWhatTheFileHolds() throws IOException {
        Path file =
                write(
                        0x31304B56L,
                        1,
                        4,
                        2,
                        1, //
                        1,
                        0,
                        -1,
                        3,
                        7,
                        8,
                        9, //
                        1,
                        1,
                        -1,
                        2,
                        7,
                        8, //
                        2,
                        0,
                        -1,
                        1,
                        9, //
                        0,
                        0,
                        -1,
                        4,
                        7,
                        8,
                        9,
                        10);
        IndexEvents events = IndexEvents.read(file);
        assertThat(events.blockOperations()).isEqualTo(6);
        BenchmarkReport report = new IndexBenchmark(events, 1).run();
        assertThat(report.subject())
                .isEqualTo(
                        "2 workers, 2 distinct blocks, 4 entries; look-ups of 4 blocks, sum of depths 4");
        assertThat(report.results().stream().map(Result::name))
                .contains("ingest", "entry-bytes", "lookup-1t-p99", "mixed-lookup-p99");
    }

    @Test
    void aFileOfSomethingElseIsRefused() throws IOException {
        assertThatThrownBy(() -> IndexEvents.read(write(1, 2, 3, 4, 5)))
                .hasMessageContaining("holds no index events");
        assertThatThrownBy(() -> IndexEvents.read(write(0x31304B56L, 1, 1, 2, 1, 1, 0, -1, 3, 7)))
                .hasMessageContaining("ends within record 0");
        assertThatThrownBy(() -> IndexEvents.read(write(0x31304B56L, 1, 1, 2, 1, 1, 5, -1, 0)))
                .hasMessageContaining("kind 1 of worker 5");
    }

    private Path write(long... words) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long word : words) {
            bytes.putLong(word);
        }
        return Files.write(folder.resolve("events"), bytes.array());
    }
}
