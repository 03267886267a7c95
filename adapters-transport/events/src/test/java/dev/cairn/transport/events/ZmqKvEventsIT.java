package dev.cairn.transport.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.HeldDigest;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel.Publication;
import dev.cairn.ports.cache.KvEventChannel.PublishedAt;
import dev.cairn.ports.cache.KvHoldings;
import dev.cairn.ports.system.Completion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Streams over real sockets: ours, vLLM's recorded one, and who sends rubbish. */
class ZmqKvEventsIT {

    private static final EventOptions OPTIONS =
            new EventOptions(
                    "tcp://127.0.0.1:*",
                    "tcp://127.0.0.1:*",
                    Optional.empty(),
                    "kv@{worker}@{model}",
                    false,
                    new EventOptions.Limits(1000, 10, 1 << 20, 1 << 20));

    private final ZmqKvEvents channel = new ZmqKvEvents(Dialect.CAIRN, OPTIONS);
    private final HeardWorker heard = new HeardWorker();

    @AfterEach
    void close() {
        channel.close();
    }

    @Test
    void batchesAreHeardInOrderAndAskedForAgain() throws InterruptedException {
        Publication publication = channel.publish(new PublishedAt("", "w1", "m"), new Held());
        var subscription = channel.subscribe(publication.address(), heard);
        heard.next(HeardWorker.Connected.class);
        long heardFirst = publishUntilHeard(publication);
        for (long sequence = heardFirst + 1; sequence < heardFirst + 5; sequence++) {
            publication.publish(batch(sequence));
            assertThat(heard.next(KvEventBatch.class)).isEqualTo(batch(sequence));
        }
        subscription.replay(heardFirst + 2);
        for (long sequence = heardFirst + 2; sequence < heardFirst + 5; sequence++) {
            assertThat(heard.next(HeardWorker.Again.class).batch()).isEqualTo(batch(sequence));
        }
        heard.next(HeardWorker.AgainEnded.class);
        assertThat(publication.dropped()).isZero();
    }

    @Test
    void whatIsHeldCanBeAskedFor() throws InterruptedException {
        Publication publication = channel.publish(new PublishedAt("", "w1", "m"), new Held());
        var subscription = channel.subscribe(publication.address(), heard);
        subscription.askDigests();
        assertThat(heard.next(KvHoldings.Digests.class)).isEqualTo(Held.DIGESTS);
        subscription.askKeys("host", 3);
        KvHoldings.Keys keys = heard.next(KvHoldings.Keys.class);
        assertThat(keys.tier()).isEqualTo("host");
        assertThat(keys.range()).isEqualTo(3);
        assertThat(keys.keys()).containsExactly(-7, 3L << 60);
    }

    @Test
    void aWorkerThatGoesAndComesBackIsLostAndConnected() throws InterruptedException {
        Publication first = channel.publish(new PublishedAt("", "w1", "m"), new Held());
        String address = first.address();
        ZmqKvEvents elsewhere = new ZmqKvEvents(Dialect.VLLM, OPTIONS);
        try {
            elsewhere.subscribe(address, heard);
            heard.next(HeardWorker.Connected.class);
            channel.close();
            heard.next(HeardWorker.Lost.class);
            ZmqKvEvents again = new ZmqKvEvents(Dialect.CAIRN, OPTIONS);
            try {
                Publication second = again.publish(new PublishedAt(address, "w1", "m"), new Held());
                assertThat(second.address()).isEqualTo(address);
                heard.next(HeardWorker.Connected.class);
            } finally {
                again.close();
            }
        } finally {
            elsewhere.close();
        }
    }

    @Test
    void aStreamOfVllmIsHeardBesideRubbish() throws InterruptedException {
        List<RecordedBatches.Recorded> recorded =
                RecordedBatches.read("vllm-0.32-sha256_cbor-seed0-int.txt.gz");
        try (ZContext context = new ZContext(1)) {
            ZMQ.Socket engine = context.createSocket(SocketType.XPUB);
            engine.bind("tcp://127.0.0.1:*");
            channel.subscribe(engine.getLastEndpoint() + ";topic=kv@", heard);
            assertThat(new String(engine.recv(), StandardCharsets.UTF_8)).endsWith("kv@");
            engine.sendMore("kv@x@y");
            engine.send("only two frames");
            engine.sendMore("kv@x@y");
            engine.sendMore(Publisher.number(0));
            engine.send(new byte[] {(byte) 0xdd, -1, -1, -1, -1});
            engine.sendMore("other topic");
            engine.sendMore(Publisher.number(0));
            engine.send(recorded.getFirst().payload());
            List<KvEventBatch> batches = new ArrayList<>();
            for (RecordedBatches.Recorded batch : recorded) {
                engine.sendMore(batch.topic());
                engine.sendMore(Publisher.number(batch.sequence()));
                engine.send(batch.payload());
                batches.add(heard.next(KvEventBatch.class));
            }
            assertThat(batches)
                    .extracting(KvEventBatch::sequence)
                    .containsExactlyElementsOf(
                            recorded.stream().map(RecordedBatches.Recorded::sequence).toList());
        }
    }

    @Test
    void answersWithoutTopicAreThoseOfOlderEngines() throws InterruptedException {
        byte[] payload =
                RecordedBatches.read("vllm-0.32-sha256_cbor-seed0-int.txt.gz").getFirst().payload();
        try (ZContext context = new ZContext(1)) {
            ZMQ.Socket engine = context.createSocket(SocketType.ROUTER);
            engine.bind("tcp://127.0.0.1:*");
            var subscription =
                    channel.subscribe(
                            "tcp://127.0.0.1:1;replay=" + engine.getLastEndpoint(), heard);
            subscription.replay(5);
            byte[] asker = engine.recv();
            assertThat(engine.recv()).isEmpty();
            assertThat(engine.recv()).isEqualTo(Publisher.number(5));
            for (byte[][] frames :
                    new byte[][][] {
                        {Publisher.number(6), payload},
                        {"topic".getBytes(StandardCharsets.UTF_8), Publisher.number(7), payload},
                        {Publisher.number(-1), new byte[0]}
                    }) {
                engine.sendMore(asker);
                engine.sendMore(new byte[0]);
                for (int i = 0; i < frames.length; i++) {
                    engine.send(frames[i], i < frames.length - 1 ? ZMQ.SNDMORE : 0);
                }
            }
            assertThat(heard.next(HeardWorker.Again.class).batch().sequence()).isEqualTo(6);
            assertThat(heard.next(HeardWorker.Again.class).batch().sequence()).isEqualTo(7);
            heard.next(HeardWorker.AgainEnded.class);
        }
    }

    @Test
    void addressesThatAreNoneAreRefused() {
        assertThatThrownBy(() -> channel.subscribe("localhost:5557", heard))
                .hasMessageContaining("write tcp://host:port");
        assertThatThrownBy(() -> channel.subscribe("tcp://h:1;repaly=tcp://h:2", heard))
                .hasMessageContaining("write replay=, topic= or bind");
        assertThatThrownBy(
                        () ->
                                channel.publish(
                                        new PublishedAt("tcp://256.1.1.1:1", "w", "m"), new Held()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tcp://256.1.1.1:1");
        assertThatThrownBy(
                        () ->
                                new ZmqKvEvents(Dialect.SGLANG, OPTIONS)
                                        .publish(new PublishedAt("", "w", "m"), new Held()))
                .hasMessageContaining("publish cairn, vllm or vllm-array");
    }

    /** A subscriber misses what was published before the publisher knew of it. */
    private long publishUntilHeard(Publication publication) throws InterruptedException {
        long sequence = 0;
        do {
            publication.publish(batch(++sequence));
        } while (!heard.hasHeard(KvEventBatch.class));
        KvEventBatch last = heard.next(KvEventBatch.class);
        while (last.sequence() < sequence) {
            last = heard.next(KvEventBatch.class);
        }
        return sequence;
    }

    private static KvEventBatch batch(long sequence) {
        return new KvEventBatch(
                sequence,
                1_000_000 + sequence,
                List.of(
                        new KvEvent.BlocksRemoved(
                                List.of(new BlockHash(0, 0, 0, sequence)), 0, "host")));
    }

    /** Holds little. */
    private static final class Held implements KvHoldings {

        static final Digests DIGESTS =
                new Digests(4, List.of(new HeldDigest("host", 2, List.of(1L, -2L))));

        @Override
        public void digests(Completion<Digests> done) {
            done.completed(DIGESTS);
        }

        @Override
        public void keys(String tier, int range, Completion<Keys> done) {
            done.completed(new Keys(4, tier, range, new long[] {-7, 3L << 60}));
        }
    }
}
