package dev.cairn.fleet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Random misfortune: processes are killed and come back, or are stopped and go on; links are cut,
 * stand still, or become slow. One thread for each that it may happen to; when it is over, all is
 * as it was.
 */
final class Chaos {

    /** Starting a process is work, and a fleet that only starts answers nobody. */
    private static final int LONGEST_LIFE_MILLIS = 20_000;

    private static final int LONGEST_PAUSE_MILLIS = 7_000;
    private static final int LONGEST_STOP_MILLIS = 5_000;
    private static final int LONGEST_TROUBLE_MILLIS = 3_000;
    private static final long SLOWEST = 64 << 10;

    private final Random seeds;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> running = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicInteger troubles = new AtomicInteger();

    Chaos(Random seeds) {
        this.seeds = seeds;
    }

    /** Processes of a seat do not live for long from now on. */
    void befall(Seat seat) {
        Random random = new Random(seeds.nextLong());
        running.add(
                threads.submit(
                        () -> {
                            while (!sleeps(random.nextInt(LONGEST_LIFE_MILLIS))) {
                                if (random.nextBoolean()) {
                                    seat.kill();
                                    sleeps(random.nextInt(LONGEST_TROUBLE_MILLIS));
                                    seat.begin();
                                } else {
                                    seat.stop();
                                    sleeps(random.nextInt(LONGEST_STOP_MILLIS));
                                    seat.goOn();
                                }
                            }
                            return null;
                        }));
    }

    /** A link is not what it should be from now on. */
    void befall(Link link) {
        Random random = new Random(seeds.nextLong());
        running.add(
                threads.submit(
                        () -> {
                            while (!sleeps(random.nextInt(LONGEST_PAUSE_MILLIS))) {
                                troubles.incrementAndGet();
                                switch (random.nextInt(3)) {
                                    case 0 -> link.cut();
                                    case 1 -> link.standStill();
                                    default -> link.pace(SLOWEST << random.nextInt(6));
                                }
                                sleeps(random.nextInt(LONGEST_TROUBLE_MILLIS));
                                link.heal();
                            }
                            return null;
                        }));
    }

    /** Returns whether it is over. */
    private boolean sleeps(int millis) throws InterruptedException {
        return over.await(millis, TimeUnit.MILLISECONDS);
    }

    /** How often a link was in trouble. */
    int troubles() {
        return troubles.get();
    }

    /** Ends when every process is back and every link whole. */
    void end() throws IOException {
        over.countDown();
        try {
            for (Future<?> each : running) {
                each.get();
            }
        } catch (Exception failed) {
            throw new AssertionError("what was taken away did not come back", failed);
        } finally {
            threads.shutdownNow();
        }
    }
}
