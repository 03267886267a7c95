package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.TokenEvent;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the loop of scheduler and CPU engine allocates per decoded token, over all threads, once its
 * code is compiled: ids in, ids out, without text and HTTP.
 */
class AllocationIT {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int MEASURED = 300;

    private static LocalCairn cairn;

    @BeforeAll
    static void loadAndCompile() throws InterruptedException {
        cairn = LocalCairn.open(BundledModel.model(), LocalCairn.usual(1024, 64L << 20));
        for (int round = 0; round < 3; round++) {
            for (int batch : new int[] {1, 8, 32}) {
                new Load(batch, 500, MEASURED).run();
            }
        }
    }

    @AfterAll
    static void close() {
        cairn.close();
    }

    @ParameterizedTest
    @CsvSource({"1,1800", "8,700", "32,550"})
    void aDecodedTokenAllocatesNextToNothing(int batch, long most) throws InterruptedException {
        long bytes = new Load(batch, 200, MEASURED).run();
        System.out.printf("batch %d: %d bytes per token%n", batch, bytes);
        assertThat(bytes).isLessThan(most);
    }

    /** Requests that decode side by side. The backend's one thread counts their tokens. */
    private static final class Load {

        private final int batch;
        private final long from;
        private final long to;
        private final CountDownLatch ended;
        private long tokens;
        private long before;
        private long after;
        private volatile RequestProblem problem;

        Load(int batch, int warm, int measured) {
            this.batch = batch;
            this.from = (long) batch * warm;
            this.to = from + (long) batch * measured;
            this.ended = new CountDownLatch(batch);
        }

        /** Runs to the end, and gives bytes per token of the measured part. */
        long run() throws InterruptedException {
            ScheduledBackend backend = cairn.backend();
            int perRequest = (int) (to / batch) + 10;
            for (int i = 0; i < batch; i++) {
                backend.generate(request(i, perRequest), this::on);
            }
            ended.await();
            assertThat(problem).isNull();
            return (after - before) / (to - from);
        }

        private void on(TokenEvent event) {
            if (event instanceof TokenEvent.Tokens(int _, var more)) {
                long seen = tokens;
                tokens += more.size();
                if (seen < from && tokens >= from) {
                    before = THREADS.getTotalThreadAllocatedBytes();
                }
                if (seen < to && tokens >= to) {
                    after = THREADS.getTotalThreadAllocatedBytes();
                }
            } else if (event instanceof TokenEvent.Ended) {
                ended.countDown();
            } else if (event instanceof TokenEvent.Failed(var why)) {
                problem = why;
                ended.countDown();
            }
        }

        private static GenerationRequest request(int number, int tokens) {
            int[] prompt = new Random(number).ints(8, 100, 200).toArray();
            return GenerationRequest.greedy(
                    "request " + number, LocalCairn.MODEL, prompt, tokens, System.nanoTime());
        }
    }
}
