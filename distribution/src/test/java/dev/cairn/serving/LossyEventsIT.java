package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.route.CacheNews;
import dev.cairn.core.route.EventTranslation;
import dev.cairn.core.route.LiveIndex;
import dev.cairn.core.route.LiveIndex.Knowledge;
import dev.cairn.core.route.PrefixIndex;
import dev.cairn.core.route.PrefixIndexOptions;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.HeldDigest;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEventChannel.Publication;
import dev.cairn.ports.cache.KvEventChannel.PublishedAt;
import dev.cairn.ports.cache.KvHoldings;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.transport.events.Dialect;
import dev.cairn.transport.events.EventOptions;
import dev.cairn.transport.events.ZmqKvEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over sockets that lose batches the index comes to what workers hold, once they are quiet. */
class LossyEventsIT {

    private static final int WORKERS = 2;
    private static final int BATCHES = 5000;
    private static final double LOSS = 0.01;

    /** Far fewer than are published while one is asked for. */
    private static final int REPLAY_BATCHES = 2;

    /** Long enough for the busiest machine; reached only by a test that fails. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private final long seed = System.nanoTime();
    private final SystemClock clock = SystemClock.INSTANCE;
    private final SystemTimers timers = new SystemTimers();
    private final ThreadMailboxes mailboxes = new ThreadMailboxes(clock);
    private final ZmqKvEvents channel = new ZmqKvEvents(Dialect.CAIRN, options());
    private final PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(1 << 20, WORKERS));
    private final LiveIndex live = new LiveIndex(index, mailboxes, timers, Telemetry.none());
    private final List<CacheNews> news = new ArrayList<>();
    private final List<LossyProxy> proxies = new ArrayList<>();

    private static EventOptions options() {
        return new EventOptions(
                "tcp://127.0.0.1:*",
                "tcp://127.0.0.1:*",
                Optional.empty(),
                "kv@{worker}@{model}",
                false,
                new EventOptions.Limits(20_000, REPLAY_BATCHES, 1 << 20, 1 << 20));
    }

    @AfterEach
    void close() throws InterruptedException {
        live.close();
        for (LossyProxy proxy : proxies) {
            proxy.close();
        }
        channel.close();
        mailboxes.close();
        timers.close();
    }

    @Test
    void theIndexEqualsWhatWorkersHold() throws Exception {
        System.out.println("theIndexEqualsWhatWorkersHold: seed " + seed);
        List<Publication> publications = new ArrayList<>();
        for (int worker = 0; worker < WORKERS; worker++) {
            CacheNews stream = new CacheNews(description(), List.of(), mailboxes, timers, clock);
            news.add(stream);
            Publication publication =
                    channel.publish(new PublishedAt("", "w" + worker, "m"), stream);
            publications.add(publication);
            stream.publishBy(publication);
            String[] address = publication.address().split(";", 2);
            LossyProxy proxy = new LossyProxy(address[0], LOSS, seed + worker);
            proxies.add(proxy);
            live.follow(
                    worker,
                    "w" + worker,
                    channel,
                    proxy.address() + ";" + address[1],
                    EventTranslation.none());
        }
        change(new Random(seed));
        long quietSince = System.nanoTime();
        for (int worker = 0; worker < WORKERS; worker++) {
            awaitEqual(worker);
        }
        System.out.printf(
                "equal %d ms after the last change; %d blocks; lost %s of %d batches each%n",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - quietSince),
                index.blocks(),
                proxies.stream().map(LossyProxy::lost).toList(),
                BATCHES);
        assertThat(proxies).allMatch(proxy -> proxy.lost() > 0);
        assertThat(publications).allMatch(publication -> publication.dropped() == 0);
        assertThat(index.blocks()).isPositive();
    }

    /** Chains are stored and evicted from their ends, as engines do it. */
    private void change(Random random) {
        List<List<List<BlockHash>>> held = new ArrayList<>();
        for (int worker = 0; worker < WORKERS; worker++) {
            held.add(new ArrayList<>());
        }
        for (int i = 0; i < BATCHES * WORKERS; i++) {
            int worker = i % WORKERS;
            List<List<BlockHash>> chains = held.get(worker);
            KvEvent event;
            if (random.nextInt(3) == 0 && !chains.isEmpty()) {
                List<BlockHash> chain = chains.remove(random.nextInt(chains.size()));
                event = new KvEvent.BlocksRemoved(chain.reversed(), 0, "device");
            } else {
                List<BlockHash> chain = new ArrayList<>();
                for (int block = 1 + random.nextInt(20); block > 0; block--) {
                    chain.add(new BlockHash(0, 0, 0, random.nextLong()));
                }
                chains.add(chain);
                event = new KvEvent.BlocksStored(chain, null, List.of(), 16, 0, "device", "");
            }
            news.get(worker).on(List.of(event));
            if (i % 100 == 0) {
                // As fast as the stream goes, not faster: a full queue is another loss.
                digests(worker);
            }
        }
    }

    private void awaitEqual(int worker) {
        boolean equal = false;
        long patience = System.nanoTime() + PATIENCE;
        while (!equal) {
            assertThat(System.nanoTime()).as("never equal").isLessThan(patience);
            // Asking takes a turn of the worker's mailbox, so this does not spin.
            KvHoldings.Digests truth = digests(worker);
            equal = live.knowledge(worker) == Knowledge.CURRENT && isIndexed(worker, truth);
        }
    }

    private boolean isIndexed(int worker, KvHoldings.Digests truth) {
        List<String> tiers = index.options().tiers();
        for (HeldDigest digest : truth.tiers()) {
            int tier = tiers.indexOf(digest.tier());
            if (!index.digest(worker, tier).sums().equals(digest.sums())) {
                return false;
            }
        }
        return true;
    }

    private KvHoldings.Digests digests(int worker) {
        CompletableFuture<KvHoldings.Digests> told = new CompletableFuture<>();
        news.get(worker)
                .digests(
                        new Completion<>() {
                            @Override
                            public void completed(KvHoldings.Digests digests) {
                                told.complete(digests);
                            }

                            @Override
                            public void failed(Throwable failure) {
                                told.completeExceptionally(failure);
                            }
                        });
        return told.orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static RunnerDescription description() {
        KvLayout layout = new KvLayout(1, 16, 1, 4, KvType.FLOAT32);
        return new RunnerDescription(
                "simulated",
                "simulated",
                new ModelFingerprint("0".repeat(64)),
                new ComputeIdentity("simulated"),
                List.of(new LayerGroup(0, new StateKind.FullAttention(), List.of(0), layout)),
                List.of(100),
                300,
                1 << 20,
                512,
                64,
                512,
                1,
                0,
                0);
    }
}
