package dev.cairn.core.route;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.cache.KvEventChannel.Subscription;
import dev.cairn.ports.cache.KvHoldings;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * A {@link PrefixIndex} that follows workers by the events that they publish: what channels hear
 * goes through an {@link EventFeed} into the index, what the feed wants to know is asked of the
 * worker. A worker that is quiet is asked too, since the loss of the last batch shows in no jump.
 *
 * <p>Threads: any; the index is written in the turns of one mailbox.
 */
public final class LiveIndex implements AutoCloseable {

    /** Batches of one worker that wait for a gap to close. */
    private static final int MOST_WAITING = 10_000;

    /** Batches of one worker that wait for their turn; those beyond are lost, and asked for. */
    private static final int MOST_PENDING = 20_000;

    /** How often quiet workers are asked. */
    static final long ROUND = TimeUnit.MILLISECONDS.toNanos(250);

    /** Rounds without a word of what was asked for again, after which nothing more will come. */
    private static final int PATIENCE = 6;

    private final PrefixIndex index;
    private final EventFeed feed;
    private final Timers timers;
    private final Mailbox<Event> mailbox;
    private final Followed[] followed;
    private final AtomicIntegerArray states;
    private final Telemetry.Counter batches;
    private final Telemetry.Counter questions;
    private int followedCount;
    private boolean goesRound;

    /**
     * @param index nobody else writes to it
     */
    public LiveIndex(PrefixIndex index, MailboxDriver driver, Timers timers, Telemetry telemetry) {
        this.index = index;
        this.feed = new EventFeed(index, MOST_WAITING);
        this.timers = timers;
        this.followed = new Followed[index.options().mostWorkers()];
        this.states = new AtomicIntegerArray(followed.length);
        this.batches =
                telemetry.counter(
                        "cairn:kv_event_batches_total",
                        "Batches of KV events that were heard",
                        List.of("worker"));
        this.questions =
                telemetry.counter(
                        "cairn:kv_event_questions_total",
                        "What workers were asked for the sake of the prefix index",
                        List.of("worker", "kind"));
        this.mailbox = driver.open("live-index", this::turn);
    }

    /** What is known of a worker. */
    public enum Knowledge {
        /** It is not followed. */
        NONE,
        /** Batches may be missing. */
        STALE,
        /** All that was published by some moment is there. */
        CURRENT
    }

    public PrefixIndex index() {
        return index;
    }

    /**
     * Follows a worker from now on, in place of whom the number stood for before.
     *
     * @param worker number in the index
     * @param name for metrics
     * @param address that the channel understands
     * @param translation nobody else's
     * @throws IllegalArgumentException if the address is none
     */
    public void follow(
            int worker,
            String name,
            KvEventChannel channel,
            String address,
            EventTranslation translation) {
        Followed next = new Followed(worker, name, channel.tellsHoldings(), translation);
        Subscription subscription = channel.subscribe(address, next);
        mailbox.post(new Event.Joined(next, subscription));
    }

    /** Forgets a worker and what it holds. */
    public void leave(int worker) {
        mailbox.post(new Event.Left(worker));
    }

    /** Any thread. */
    public Knowledge knowledge(int worker) {
        return Knowledge.values()[states.get(worker)];
    }

    private void turn(Event event, long nanos) {
        switch (event) {
            case Event.Round() -> round(nanos);
            case Event.Left(int worker) -> leaveNow(worker);
            case Event.Joined(var next, var subscription) -> {
                leaveNow(next.worker);
                next.subscription = subscription;
                followed[next.worker] = next;
                followedCount++;
                run(next, feed.join(next.worker, next.tellsHoldings, next.translation));
                note(next);
                if (!goesRound) {
                    goesRound = true;
                    scheduleRound(nanos);
                }
            }
            case Event.Heard heard -> {
                if (heard.isBatch()) {
                    heard.from().pending.decrementAndGet();
                }
                if (followed[heard.from().worker] == heard.from()) {
                    run(heard.from(), hear(heard.from(), heard));
                    note(heard.from());
                }
            }
        }
    }

    private List<FeedCommand> hear(Followed from, Event.Heard event) {
        switch (event) {
            case Event.Connected _ -> {
                from.isLost = false;
                return feed.begin(from.worker);
            }
            case Event.Lost _ -> {
                from.isLost = true;
                return List.of();
            }
            case Event.Batch(var _, var batch) -> {
                batches.add(1, from.name);
                from.isBusy = true;
                return feed.batch(from.worker, batch);
            }
            case Event.Again(var _, var batch) -> {
                from.silentRounds = 0;
                feed.replayed(from.worker, batch);
                return List.of();
            }
            case Event.AgainEnded _ -> {
                return feed.replayEnded(from.worker);
            }
            case Event.Digests(var _, var digests) -> {
                return feed.digests(from.worker, digests);
            }
            case Event.Keys(var _, var keys) -> {
                int tier = index.options().tiers().indexOf(keys.tier());
                return tier < 0 ? List.of() : feed.keys(from.worker, tier, keys);
            }
        }
    }

    private void leaveNow(int worker) {
        Followed old = followed[worker];
        if (old != null) {
            old.subscription.close();
            followed[worker] = null;
            followedCount--;
            feed.leave(worker);
            states.set(worker, Knowledge.NONE.ordinal());
        }
    }

    private void run(Followed worker, List<FeedCommand> commands) {
        for (FeedCommand command : commands) {
            switch (command) {
                case FeedCommand.Replay(int _, long from) -> {
                    questions.add(1, worker.name, "replay");
                    worker.subscription.replay(from);
                }
                case FeedCommand.AskDigests(int _) -> {
                    questions.add(1, worker.name, "digests");
                    worker.subscription.askDigests();
                }
                case FeedCommand.AskKeys(int _, int tier, int range) -> {
                    questions.add(1, worker.name, "keys");
                    worker.subscription.askKeys(index.options().tiers().get(tier), range);
                }
            }
        }
    }

    private void note(Followed worker) {
        boolean stale = worker.isLost || feed.isStale(worker.worker);
        Knowledge knowledge = stale ? Knowledge.STALE : Knowledge.CURRENT;
        states.set(worker.worker, knowledge.ordinal());
    }

    private void scheduleRound(long nanos) {
        timers.schedule(nanos + ROUND, () -> mailbox.post(new Event.Round()));
    }

    private void round(long nanos) {
        goesRound = followedCount > 0;
        if (!goesRound) {
            return;
        }
        for (Followed worker : followed) {
            if (worker != null && !worker.isLost) {
                ask(worker);
                note(worker);
            }
        }
        scheduleRound(nanos);
    }

    private void ask(Followed worker) {
        boolean wasBusy = worker.isBusy;
        worker.isBusy = false;
        if (!feed.isReplaying(worker.worker)) {
            worker.silentRounds = 0;
            if (!wasBusy || feed.isStale(worker.worker)) {
                run(worker, feed.ask(worker.worker, !wasBusy));
            }
        } else if (++worker.silentRounds > PATIENCE) {
            worker.silentRounds = 0;
            run(worker, feed.replayEnded(worker.worker));
        }
    }

    /** Follows nobody any more. */
    @Override
    public void close() {
        for (int worker = 0; worker < followed.length; worker++) {
            mailbox.post(new Event.Left(worker));
        }
        mailbox.close();
    }

    private sealed interface Event {

        record Round() implements Event {}

        record Joined(Followed next, Subscription subscription) implements Event {}

        record Left(int worker) implements Event {}

        /** A worker said something. */
        sealed interface Heard extends Event {

            Followed from();

            default boolean isBatch() {
                return this instanceof Batch || this instanceof Again;
            }
        }

        record Connected(Followed from) implements Heard {}

        record Lost(Followed from) implements Heard {}

        record Batch(Followed from, KvEventBatch batch) implements Heard {}

        record Again(Followed from, KvEventBatch batch) implements Heard {}

        record AgainEnded(Followed from) implements Heard {}

        record Digests(Followed from, KvHoldings.Digests digests) implements Heard {}

        record Keys(Followed from, KvHoldings.Keys keys) implements Heard {}
    }

    /** A worker, heard on threads of its channel. */
    private final class Followed implements KvEventChannel.Listener {

        private final int worker;
        private final String name;
        private final boolean tellsHoldings;
        private final EventTranslation translation;
        private final AtomicInteger pending = new AtomicInteger();
        private Subscription subscription;
        private boolean isBusy;
        private boolean isLost;
        private int silentRounds;

        Followed(int worker, String name, boolean tellsHoldings, EventTranslation translation) {
            this.worker = worker;
            this.name = name;
            this.tellsHoldings = tellsHoldings;
            this.translation = translation;
        }

        @Override
        public void connected() {
            mailbox.post(new Event.Connected(this));
        }

        @Override
        public void batch(KvEventBatch batch) {
            post(new Event.Batch(this, batch));
        }

        private void post(Event.Heard event) {
            if (pending.incrementAndGet() > MOST_PENDING) {
                pending.decrementAndGet();
            } else {
                mailbox.post(event);
            }
        }

        @Override
        public void replayed(KvEventBatch batch) {
            post(new Event.Again(this, batch));
        }

        @Override
        public void replayEnded() {
            mailbox.post(new Event.AgainEnded(this));
        }

        @Override
        public void digests(KvHoldings.Digests digests) {
            mailbox.post(new Event.Digests(this, digests));
        }

        @Override
        public void keys(KvHoldings.Keys keys) {
            mailbox.post(new Event.Keys(this, keys));
        }

        /** What it holds is open until it is back; its blocks stay until then. */
        @Override
        public void lost(String reason) {
            mailbox.post(new Event.Lost(this));
        }
    }
}
