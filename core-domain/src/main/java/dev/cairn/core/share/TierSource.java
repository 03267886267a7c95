package dev.cairn.core.share;

import dev.cairn.core.cache.DeviceBlocks;
import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport.BlockSource;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.telemetry.Telemetry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Gives out what this process's tiers hold: where a tier lends, without a copy; where it must be
 * read, or lies in an engine's device alone, through memory of a fixed size that nothing else uses.
 * So peers take at most that memory and as many reads as fit in it from what this process does for
 * its own requests.
 *
 * <p>What a peer can get it must be able to name: a key holds the hash over the tenant's salt and
 * every token up to the block's end, so who knows it knows the prompt and the salt, or was told by
 * the directory, which members alone see. No request reaches a block by another tenant's prompt,
 * for its own hashes are others. Nothing can be listed, and a tenant's name is not sent.
 *
 * <p>Threads: any; what waits is in the turns of a mailbox.
 */
public final class TierSource implements BlockSource {

    /** Blocks that wait to be read. */
    private static final int MOST_WAITING = 1024;

    private final List<BlockTier> tiers;
    private final MemoryLease.Source staging;
    private final Mailbox<Event> mailbox;
    private final Telemetry.Counter served;
    private final Telemetry.Counter servedBytes;
    private final Deque<Reading> waiting = new ArrayDeque<>();
    private final AtomicInteger out = new AtomicInteger();
    private volatile List<BlockKind> kinds = List.of();
    private volatile List<Device> devices = List.of();

    /**
     * @param tiers fastest first
     * @param staging for blocks that must be read; bounds them, and is used by nothing else, for
     *     what waits goes on when some of it comes back here
     */
    public TierSource(
            List<BlockTier> tiers,
            MemoryLease.Source staging,
            MailboxDriver driver,
            Telemetry telemetry) {
        this.tiers = List.copyOf(tiers);
        this.staging = staging;
        this.mailbox = driver.open("peer-source", this::turn);
        this.served =
                telemetry.counter(
                        "cairn:peer_served_blocks_total",
                        "Blocks that peers asked for, by the tier that had them and outcome",
                        List.of("tier", "outcome"));
        this.servedBytes =
                telemetry.counter(
                        "cairn:peer_served_bytes_total",
                        "Bytes of blocks lent to peers",
                        List.of("tier"));
        telemetry.gauge(
                "cairn:peer_lent_blocks", "Blocks that are sent to peers now", Map.of(), out::get);
    }

    /** The same, and for blocks that only its device holds. */
    public void offer(RunnerDescription runner, DeviceBlocks device) {
        offer(runner);
        List<Device> more = new ArrayList<>(devices);
        more.add(new Device(kindsOf(runner), device));
        devices = List.copyOf(more);
    }

    /** From now on, peers may ask for blocks of this engine. Called when engines are loaded. */
    public void offer(RunnerDescription runner) {
        List<BlockKind> more = new ArrayList<>(kinds);
        for (BlockKind kind : kindsOf(runner)) {
            if (!more.contains(kind)) {
                more.add(kind);
            }
        }
        kinds = List.copyOf(more);
    }

    private static List<BlockKind> kindsOf(RunnerDescription runner) {
        String model = runner.fingerprint().hex();
        return runner.groups().stream()
                .map(
                        group ->
                                new BlockKind(
                                        model, runner.identity(), group.index(), group.layout()))
                .toList();
    }

    @Override
    public List<BlockKind> kinds() {
        return kinds;
    }

    @Override
    public void lend(
            BlockKey key, KvLayout layout, Duration atMost, Completion<Optional<BlockBytes>> done) {
        for (BlockTier tier : tiers) {
            Optional<BlockBytes> lent = tier.lend(key, layout, atMost);
            if (lent.isPresent()) {
                lent(tier.name(), layout);
                BlockBytes bytes = lent.get();
                out.incrementAndGet();
                done.completed(
                        Optional.of(
                                new BlockBytes(
                                        layout,
                                        bytes.bytes().andThen(out::decrementAndGet),
                                        bytes.sliceChecksums())));
                return;
            }
            if (tier.contains(key)) {
                Place place =
                        (read, ended) -> tier.get(List.of(read), (_, how) -> ended.accept(how));
                want(new Reading(tier.name(), place, key, layout, atMost, done));
                return;
            }
        }
        for (Device device : devices) {
            if (device.kinds.stream().anyMatch(kind -> kind.covers(key, layout))) {
                Place place = (read, ended) -> device.blocks.read(read, telling(ended));
                want(new Reading(CacheControl.DEVICE, place, key, layout, atMost, done));
                return;
            }
        }
        served.add(1, "none", "absent");
        done.completed(Optional.empty());
    }

    private void want(Reading reading) {
        mailbox.post(new Event.Wanted(reading));
    }

    private static Completion<GetOutcome> telling(Consumer<GetOutcome> ended) {
        return new Completion<>() {
            @Override
            public void completed(GetOutcome outcome) {
                ended.accept(outcome);
            }

            @Override
            public void failed(Throwable failure) {
                ended.accept(GetOutcome.FAILED);
            }
        };
    }

    private void lent(String place, KvLayout layout) {
        served.add(1, place, "found");
        servedBytes.add(layout.blockBytes(), place);
    }

    private void turn(Event event, long nanos) {
        switch (event) {
            case Event.Wanted(var reading) -> want(reading, nanos);
            case Event.Read(var reading, var outcome) -> answer(reading, outcome);
            case Event.Returned() -> {}
        }
        readOn(nanos);
    }

    private void want(Reading reading, long nanos) {
        boolean fits = reading.layout.blockBytes() <= staging.capacity();
        if (!fits || waiting.size() == MOST_WAITING) {
            tooMuch(reading);
        } else {
            reading.until = nanos + reading.atMost.toNanos();
            waiting.add(reading);
        }
    }

    private void tooMuch(Reading reading) {
        served.add(1, reading.name, "busy");
        reading.done.failed(new IllegalStateException("too many blocks wait to be read for peers"));
    }

    private void readOn(long nanos) {
        while (!waiting.isEmpty()) {
            Reading next = waiting.element();
            if (next.until - nanos <= 0) {
                waiting.remove();
                tooMuch(next);
                continue;
            }
            next.lease = staging.tryLease(next.layout.blockBytes());
            if (next.lease == null) {
                return;
            }
            waiting.remove();
            next.read = new BlockRead(next.key, next.layout, next.lease);
            next.place.read(next.read, outcome -> mailbox.post(new Event.Read(next, outcome)));
        }
    }

    private void answer(Reading reading, GetOutcome outcome) {
        switch (outcome) {
            case FOUND -> {
                lent(reading.name, reading.layout);
                out.incrementAndGet();
                reading.done.completed(
                        Optional.of(
                                new BlockBytes(
                                        reading.layout,
                                        reading.lease.andThen(this::returned),
                                        reading.read.sliceChecksums())));
            }
            case BUSY -> {
                reading.lease.close();
                tooMuch(reading);
            }
            case ABSENT, DAMAGED, FAILED, REFUSED -> {
                reading.lease.close();
                served.add(1, reading.name, "absent");
                reading.done.completed(Optional.empty());
            }
        }
    }

    /** The transport is done with it: the next one can be read. */
    private void returned() {
        out.decrementAndGet();
        mailbox.post(new Event.Returned());
    }

    /** Serves nothing more that must be read. */
    public void close() {
        mailbox.close();
    }

    /** Where blocks must be read before they can be lent. */
    @FunctionalInterface
    private interface Place {

        void read(BlockRead read, Consumer<GetOutcome> ended);
    }

    private record Device(List<BlockKind> kinds, DeviceBlocks blocks) {}

    /** A block that a peer wants and that must be read. */
    private static final class Reading {

        private final String name;
        private final Place place;
        private final BlockKey key;
        private final KvLayout layout;
        private final Duration atMost;
        private final Completion<Optional<BlockBytes>> done;
        private long until;
        private MemoryLease lease;
        private BlockRead read;

        Reading(
                String name,
                Place place,
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done) {
            this.name = name;
            this.place = place;
            this.key = key;
            this.layout = layout;
            this.atMost = atMost;
            this.done = done;
        }
    }

    private sealed interface Event {

        record Wanted(Reading reading) implements Event {}

        record Read(Reading reading, GetOutcome outcome) implements Event {}

        record Returned() implements Event {}
    }
}
