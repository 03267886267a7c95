package dev.cairn.plugin.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.system.Completion;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Bytes between two Hazelcast instances. */
class HazelcastLinkIT {

    static {
        QuietLogs.turnDown();
    }

    /**
     * What a member has not taken must not grow without bound in front of what is said later: after
     * a cut the directory would be mended behind minutes of old news.
     */
    @Test
    void whoTakesNothingIsToldNoMoreThanItCanCatchUpWith() throws IOException {
        int meetingPoint = Pair.freePort();
        Slow slow = new Slow();
        try (HazelcastLink talks = link(meetingPoint, meetingPoint, "talks");
                HazelcastLink listens = link(Pair.freePort(), meetingPoint, "listens")) {
            talks.start(new Slow());
            listens.start(slow);
            Patience.until("they see each other", () -> talks.others().contains("listens"));
            for (int i = 0; i < 5000; i++) {
                talks.tell("listens", new byte[] {1});
            }
            slow.goOn.countDown();
            // Behind everything that was told, on the one thread that hears.
            answer(talks);
            int heard = slow.heard.get();
            assertThat(heard).isBetween(1, 300);

            Patience.until(
                    "there is room again",
                    () -> {
                        talks.tell("listens", new byte[] {2});
                        return slow.heard.get() > heard;
                    });
        }
    }

    private static void answer(HazelcastLink talks) {
        CompletableFuture<byte[]> answered = new CompletableFuture<>();
        talks.ask(
                "listens",
                new Question.Differences(new long[Buckets.GROUPS]),
                Duration.ofMinutes(10),
                new Completion<>() {
                    @Override
                    public void completed(byte[] answer) {
                        answered.complete(answer);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        answered.completeExceptionally(failure);
                    }
                });
        assertThat(answered.join()).containsExactly(7);
    }

    private static HazelcastLink link(int port, int join, String id) {
        Map<String, String> settings =
                Map.of(
                        "port",
                        Integer.toString(port),
                        "join",
                        "127.0.0.1:" + join,
                        "directory-size",
                        "1024",
                        // On a machine that is busy with other things nobody is taken for dead.
                        "heartbeat",
                        "60000");
        return HazelcastLink.join(
                FleetOptions.read(new MapSettings("cairn.cluster.", settings)),
                id,
                new Frames(
                        id,
                        Seal.open(),
                        new TestMember.MachineClock(),
                        () -> ThreadLocalRandom.current().nextLong()));
    }

    /** Hears nothing before it may go on. */
    private static final class Slow implements Link.Receiver {

        private final CountDownLatch goOn = new CountDownLatch(1);
        private final AtomicInteger heard = new AtomicInteger();

        @Override
        public void heard(String from, byte[] message) {
            try {
                goOn.await();
            } catch (InterruptedException over) {
                Thread.currentThread().interrupt();
            }
            heard.incrementAndGet();
        }

        @Override
        public byte[] asked(String from, Question question) {
            return new byte[] {7};
        }

        @Override
        public void membersChanged() {}
    }
}
