package dev.cairn.distribution.bench.load;

import dev.cairn.distribution.bench.client.Streamed;
import dev.cairn.distribution.bench.client.Streamed.Problem;
import dev.cairn.distribution.bench.client.Streamed.TokenUsage;
import dev.cairn.distribution.bench.prompt.Turn;
import java.util.List;
import java.util.Optional;

/** Records of runs that never were. */
public final class Records {

    private static final long MILLI = 1_000_000;

    private Records() {}

    /**
     * An answer with usage.
     *
     * @param chunkMillis when its chunks came
     */
    public static RequestRecord answered(
            int session, long startMillis, long endMillis, TokenUsage usage, long... chunkMillis) {
        return record(
                session,
                new Turn(Turn.NONE, List.of(), List.of(), 10, 4),
                new Streamed(
                        startMillis * MILLI,
                        endMillis * MILLI,
                        nanos(chunkMillis),
                        Optional.ofNullable(usage),
                        "",
                        Optional.empty()));
    }

    /** A request that failed. */
    public static RequestRecord failed(int session, String kind, String message) {
        return record(
                session,
                new Turn(Turn.NONE, List.of(), List.of(), 10, 4),
                new Streamed(
                        0,
                        MILLI,
                        new long[0],
                        Optional.empty(),
                        "",
                        Optional.of(new Problem(kind, message, false))));
    }

    private static RequestRecord record(int session, Turn turn, Streamed streamed) {
        return new RequestRecord(session, 0, "kind", turn, streamed.startNanos(), streamed);
    }

    private static long[] nanos(long[] millis) {
        long[] nanos = millis.clone();
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] *= MILLI;
        }
        return nanos;
    }
}
