package dev.cairn.core.share;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport.BlockSource;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.telemetry.Telemetry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Gives out what this process's tiers hold: where a tier lends, without a copy; where it must be
 * read, through memory of a fixed size that nothing else uses. So peers take at most that memory
 * and as many reads as fit in it from what this process does for its own requests.
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
    private volatile List<BlockKind> kinds = List.of();

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
    }

    /** From now on, peers may ask for blocks of this engine. Called when engines are loaded. */
    public void offer(RunnerDescription runner) {
        List<BlockKind> more = new ArrayList<>(kinds);
        for (LayerGroup group : runner.groups()) {
            BlockKind kind =
                    new BlockKind(
                            runner.fingerprint().hex(),
                            runner.identity(),
                            group.index(),
                            group.layout());
            if (!more.contains(kind)) {
                more.add(kind);
            }
        }
        kinds = List.copyOf(more);
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
                lent(tier, layout);
                done.completed(lent);
                return;
            }
            if (tier.contains(key)) {
                mailbox.post(new Event.Wanted(new Reading(tier, key, layout, atMost, done)));
                return;
            }
        }
        served.add(1, "none", "absent");
        done.completed(Optional.empty());
    }

    private void lent(BlockTier tier, KvLayout layout) {
        served.add(1, tier.name(), "found");
        servedBytes.add(layout.blockBytes(), tier.name());
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
        served.add(1, reading.tier.name(), "busy");
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
            next.tier.get(
                    List.of(next.read),
                    (_, outcome) -> mailbox.post(new Event.Read(next, outcome)));
        }
    }

    private void answer(Reading reading, GetOutcome outcome) {
        switch (outcome) {
            case FOUND -> {
                lent(reading.tier, reading.layout);
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
                served.add(1, reading.tier.name(), "absent");
                reading.done.completed(Optional.empty());
            }
        }
    }

    /** The transport is done with it: the next one can be read. */
    private void returned() {
        mailbox.post(new Event.Returned());
    }

    /** Serves nothing more that must be read. */
    public void close() {
        mailbox.close();
    }

    /** A block that a peer wants and that must be read. */
    private static final class Reading {

        private final BlockTier tier;
        private final BlockKey key;
        private final KvLayout layout;
        private final Duration atMost;
        private final Completion<Optional<BlockBytes>> done;
        private long until;
        private MemoryLease lease;
        private BlockRead read;

        Reading(
                BlockTier tier,
                BlockKey key,
                KvLayout layout,
                Duration atMost,
                Completion<Optional<BlockBytes>> done) {
            this.tier = tier;
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
