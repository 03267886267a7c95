package dev.cairn.storage.disk;

import static dev.cairn.storage.disk.TestTier.LAYOUT;

import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.tck.TierCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The program that is killed: writes, removes and reads blocks on several threads, and says of each
 * what it was told, until somebody ends it.
 */
final class KilledWriter {

    private static final int THREADS = 3;

    private KilledWriter() {}

    public static void main(String[] arguments)
            throws IOException, InterruptedException, ExecutionException {
        Path folder = Path.of(arguments[0]);
        long bytes = Long.parseLong(arguments[1]);
        int first = Integer.parseInt(arguments[2]);
        SyncPolicy sync = SyncPolicy.of(arguments[3]);
        DiskOptions common = TestTier.options(folder, bytes);
        var options =
                new DiskOptions(folder, bytes, common.retention(), sync, 64, common.threads());
        DiskTier tier = TestTier.open(options, ChannelFile::open);
        System.out.println("open");
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int number = i;
                running.add(threads.submit(() -> write(tier, first + number)));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
    }

    private static void write(DiskTier tier, int first) {
        Random random = new Random(first);
        try (var calls = new TierCalls(tier, LAYOUT)) {
            for (int id = first; ; id += THREADS) {
                if (calls.put(id) == PutOutcome.STORED) {
                    say("stored", id);
                }
                if (random.nextInt(4) == 0) {
                    int gone = first + THREADS * random.nextInt((id - first) / THREADS + 1);
                    say("removing", gone);
                    calls.remove(gone);
                    say("removed", gone);
                }
                calls.get(first + THREADS * random.nextInt((id - first) / THREADS + 1));
            }
        }
    }

    /** A line that was cut by the kill lacks the point. */
    private static void say(String what, int id) {
        System.out.println(what + " " + id + " .");
    }
}
