package dev.cairn.core.share;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.core.share.Consignment.Offered;
import dev.cairn.core.share.Handing.Handed;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.system.Completion;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Moves blocks to another member: it takes them, and what arrived there is forgotten in every tier
 * of this process. What it did not take stays.
 *
 * <p>Threads: {@link #start} any; the rest in the turns of its mailbox.
 */
public final class MoveBlocks {

    private static final int BATCH = 256;

    private final List<BlockTier> tiers;
    private final Handing handing;
    private final Mailbox<Event> mailbox;

    /**
     * @param self {@code Member#id} of this process
     */
    public MoveBlocks(
            String self, List<BlockTier> tiers, ClusterCommands commands, MailboxDriver driver) {
        this.tiers = List.copyOf(tiers);
        this.handing = new Handing(self, commands);
        this.mailbox = driver.open("move-blocks", this::turn);
    }

    /**
     * @param keys of blocks in tiers here; unknown ones are fine
     * @param member {@code Member#id} of who gets them
     * @param atMost for each batch of 256 blocks
     * @param moved hears which blocks lie there now, and here no longer
     */
    public void start(
            Set<BlockKey> keys, String member, Duration atMost, Completion<List<BlockKey>> moved) {
        mailbox.post(new Event.Started(new Run(Set.copyOf(keys), member, atMost, moved)));
    }

    private void turn(Event event, long nanos) {
        switch (event) {
            case Event.Started(var run) -> begin(run);
            case Event.Answered(var run, var handed) -> answered(run, handed);
            case Event.Removed(var run, var failure) -> removed(run, failure);
        }
    }

    private void begin(Run run) {
        Map<BlockKey, Offered> found = new LinkedHashMap<>();
        for (BlockTier tier : tiers) {
            tier.entries(
                    entry -> {
                        if (run.keys.contains(entry.key())) {
                            found.putIfAbsent(entry.key(), Offered.of(entry));
                        }
                    });
        }
        run.left.addAll(found.values());
        next(run);
    }

    private void next(Run run) {
        if (run.left.isEmpty()) {
            run.done.completed(List.copyOf(run.moved));
            return;
        }
        List<Offered> batch = new ArrayList<>();
        while (!run.left.isEmpty() && batch.size() < BATCH) {
            batch.add(run.left.remove());
        }
        handing.offer(
                run.member,
                batch,
                run.atMost,
                handed -> mailbox.post(new Event.Answered(run, handed)));
    }

    private void answered(Run run, List<Handed> handed) {
        if (handed.isEmpty()) {
            // It is gone, or wants nothing: it will not answer to the next batch either.
            run.left.clear();
        }
        List<BlockKey> arrived =
                handed.stream().filter(Handed::arrived).map(each -> each.block().key()).toList();
        run.moved.addAll(arrived);
        if (arrived.isEmpty()) {
            next(run);
            return;
        }
        run.removing = tiers.size();
        for (BlockTier tier : tiers) {
            tier.remove(
                    arrived,
                    new Completion<>() {
                        @Override
                        public void completed(Integer count) {
                            mailbox.post(new Event.Removed(run, null));
                        }

                        @Override
                        public void failed(Throwable failure) {
                            mailbox.post(new Event.Removed(run, failure));
                        }
                    });
        }
    }

    private void removed(Run run, Throwable failure) {
        if (failure != null) {
            run.failure = failure;
        }
        if (--run.removing > 0) {
            return;
        }
        if (run.failure == null) {
            next(run);
        } else {
            run.done.failed(run.failure);
        }
    }

    public void close() {
        mailbox.close();
    }

    private static final class Run {

        private final Set<BlockKey> keys;
        private final String member;
        private final Duration atMost;
        private final Completion<List<BlockKey>> done;
        private final Deque<Offered> left = new ArrayDeque<>();
        private final List<BlockKey> moved = new ArrayList<>();
        private int removing;
        private Throwable failure;

        Run(Set<BlockKey> keys, String member, Duration atMost, Completion<List<BlockKey>> done) {
            this.keys = keys;
            this.member = member;
            this.atMost = atMost;
            this.done = done;
        }
    }

    private sealed interface Event {

        record Started(Run run) implements Event {}

        record Answered(Run run, List<Handed> handed) implements Event {}

        record Removed(Run run, Throwable failure) implements Event {}
    }
}
