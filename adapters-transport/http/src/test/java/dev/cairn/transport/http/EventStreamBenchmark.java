package dev.cairn.transport.http;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One token of a streamed chat from the core's event to bytes for the socket. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EventStreamBenchmark {

    private ChatChunks chunks;
    private EventStream stream;
    private AnswerEvent.Delta delta;

    @Setup
    public void open() {
        chunks = new ChatChunks(Requests.chat("{'stream':true}"));
        stream = new EventStream(OutputStream.nullOutputStream());
        String text = " token";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var token = new TokenReport(4711, text, bytes, Float.NaN, 0, List.of());
        delta = new AnswerEvent.Delta(0, text, List.of(token));
    }

    @Benchmark
    public void send() throws IOException {
        for (JsonObject chunk : chunks.delta(0, delta)) {
            stream.send(chunk);
        }
        stream.flush();
    }
}
