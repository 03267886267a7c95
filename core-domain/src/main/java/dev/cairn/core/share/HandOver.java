package dev.cairn.core.share;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.core.share.Consignment.Offered;
import dev.cairn.core.share.Handing.Handed;
import dev.cairn.core.share.TakeBlocks.Fate;
import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Hands the blocks that would be missed most to other members, before this one leaves: members are
 * asked to take a batch each, and whoever is done gets the next. One that has no room for a block
 * is asked no more, and one that does not answer is asked three times more: it may hear of a
 * member's loss at this moment. What it did not take goes to others.
 *
 * <p>Blocks that another member holds stay where they are. Those used last go first, and within a
 * batch the older ones: a prompt's blocks are used from its first to its last, and without the
 * first the others are worth nothing.
 *
 * <p>Threads: {@link #start} any; the rest in the turns of its mailbox. Several at a time are fine.
 */
public final class HandOver {

    /** Small, so that a member that fails costs little and several share the work. */
    private static final int BATCH = 64;

    private static final int MOST_FAILURES = 4;

    /** Twice as long after each failure. */
    private static final long FIRST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final BlockTier tier;
    private final Membership membership;
    private final BlockDirectory directory;
    private final Timers timers;
    private final Handing handing;
    private final Mailbox<Event> mailbox;

    /**
     * @param tier whose blocks are handed over
     */
    public HandOver(
            BlockTier tier,
            Membership membership,
            BlockDirectory directory,
            ClusterCommands commands,
            Timers timers,
            MailboxDriver driver) {
        this.tier = tier;
        this.membership = membership;
        this.directory = directory;
        this.timers = timers;
        this.handing = new Handing(membership.self().id(), commands);
        this.mailbox = driver.open("hand-over", this::turn);
    }

    /**
     * Starts. The caller has told the others that this member takes no new work.
     *
     * @param bytes of blocks at most
     * @param done hears the report, once; no later than {@code atMost} after the start
     */
    public void start(long bytes, Duration atMost, Completion<HandOverReport> done) {
        mailbox.post(new Event.Started(new Run(bytes, atMost, done)));
    }

    private void turn(Event event, long nanos) {
        switch (event) {
            case Event.Started(var run) -> begin(run, nanos);
            case Event.Answered(var run, var member, var batch, var handed) -> {
                answered(run, member, batch, handed);
                if (handed.isEmpty()) {
                    rest(run, member, nanos);
                }
                offer(run, nanos);
            }
            case Event.Rested(var run, var member) -> {
                run.resting.remove(member);
                if (others().contains(member)) {
                    run.idle.add(member);
                }
                offer(run, nanos);
            }
            case Event.TimeIsUp(var run) -> end(run, false);
        }
    }

    private void begin(Run run, long nanos) {
        Set<String> others = others();
        List<Offered> offered = new ArrayList<>();
        for (BlockEntry entry : tier.hottest(run.bytes)) {
            run.blocks++;
            if (directory.holders(entry.key()).stream()
                    .anyMatch(holder -> others.contains(holder.member()))) {
                run.elsewhere++;
            } else {
                offered.add(Offered.of(entry));
            }
        }
        for (int i = 0; i < offered.size(); i += BATCH) {
            List<Offered> batch =
                    new ArrayList<>(offered.subList(i, Math.min(i + BATCH, offered.size())));
            Collections.reverse(batch);
            run.batches.add(batch);
        }
        run.idle.addAll(others);
        run.deadline = nanos + run.atMost.toNanos();
        run.timer = timers.schedule(run.deadline, () -> mailbox.post(new Event.TimeIsUp(run)));
        offer(run, nanos);
    }

    /** Those who stay. */
    private Set<String> others() {
        String self = membership.self().id();
        Set<String> others = new LinkedHashSet<>();
        for (Member member : membership.members()) {
            if (!member.id().equals(self)
                    && !member.draining()
                    && !member.transferAddresses().isEmpty()) {
                others.add(member.id());
            }
        }
        return others;
    }

    private void offer(Run run, long nanos) {
        if (run.over) {
            return;
        }
        while (!run.batches.isEmpty() && !run.idle.isEmpty()) {
            String member = run.idle.iterator().next();
            run.idle.remove(member);
            run.asked.add(member);
            List<Offered> batch = run.batches.remove();
            handing.offer(
                    member,
                    batch,
                    Duration.ofNanos(Math.max(1, run.deadline - nanos)),
                    handed -> mailbox.post(new Event.Answered(run, member, batch, handed)));
        }
        if (run.asked.isEmpty() && (run.batches.isEmpty() || run.resting.isEmpty())) {
            end(run, true);
        }
    }

    private void rest(Run run, String member, long nanos) {
        int failures = run.failures.merge(member, 1, Integer::sum);
        if (failures < MOST_FAILURES) {
            run.resting.add(member);
            timers.schedule(
                    nanos + (FIRST_REST_NANOS << (failures - 1)),
                    () -> mailbox.post(new Event.Rested(run, member)));
        }
    }

    private static void answered(Run run, String member, List<Offered> batch, List<Handed> handed) {
        run.asked.remove(member);
        List<Offered> left = new ArrayList<>();
        boolean willing = !handed.isEmpty();
        if (handed.isEmpty()) {
            left.addAll(batch);
        }
        for (Handed each : handed) {
            if (each.arrived()) {
                run.handed++;
                run.handedBytes += each.block().bytes();
            } else if (each.fate() == Fate.NO_ROOM) {
                left.add(each.block());
                willing = false;
            } else if (run.failedOnce.add(each.block())) {
                left.add(each.block());
            }
        }
        if (willing) {
            run.idle.add(member);
        }
        if (!left.isEmpty()) {
            run.batches.addFirst(left);
        }
    }

    private static void end(Run run, boolean inTime) {
        if (run.over) {
            return;
        }
        run.over = true;
        run.timer.cancel();
        run.done.completed(
                new HandOverReport(
                        run.blocks,
                        run.elsewhere,
                        run.handed,
                        run.handedBytes,
                        run.blocks - run.elsewhere - run.handed,
                        inTime));
    }

    public void close() {
        mailbox.close();
    }

    private static final class Run {

        private final long bytes;
        private final Duration atMost;
        private final Completion<HandOverReport> done;
        private final Deque<List<Offered>> batches = new ArrayDeque<>();
        private final Set<String> idle = new LinkedHashSet<>();
        private final Set<String> asked = new HashSet<>();
        private final Set<String> resting = new HashSet<>();
        private final Map<String, Integer> failures = new HashMap<>();
        private final Set<Offered> failedOnce = new HashSet<>();
        private long deadline;
        private Timers.Cancellation timer;
        private int blocks;
        private int elsewhere;
        private int handed;
        private long handedBytes;
        private boolean over;

        Run(long bytes, Duration atMost, Completion<HandOverReport> done) {
            this.bytes = bytes;
            this.atMost = atMost;
            this.done = done;
        }
    }

    private sealed interface Event {

        record Started(Run run) implements Event {}

        record Answered(Run run, String member, List<Offered> batch, List<Handed> handed)
                implements Event {}

        record Rested(Run run, String member) implements Event {}

        record TimeIsUp(Run run) implements Event {}
    }
}
