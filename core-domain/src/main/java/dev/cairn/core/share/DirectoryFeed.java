package dev.cairn.core.share;

import dev.cairn.core.block.CacheListener;
import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.system.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Tells the directory what this process's tiers hold, and devices whose blocks lie nowhere else.
 *
 * <p>Tiers call from many threads, and what two of them say of one block may come in the wrong
 * order. So a call only notes that something changed; some milliseconds later the tier itself is
 * asked what is true, and what has changed by then is announced and withdrawn in batches. Nothing
 * is kept of what was announced: a withdrawal of what was never announced does no harm.
 *
 * <p>Threads: {@link #of} any; the rest in the turns of its mailbox.
 */
public final class DirectoryFeed implements AutoCloseable {

    /** Long enough to gather what one prompt stores. */
    private static final long GATHERING = TimeUnit.MILLISECONDS.toNanos(5);

    private static final int BATCH = 1024;

    private final BlockDirectory directory;
    private final Timers timers;
    private final Mailbox<Event> mailbox;
    private final Map<String, Watched> watched = new ConcurrentHashMap<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final AtomicInteger devices = new AtomicInteger();

    public DirectoryFeed(BlockDirectory directory, Timers timers, MailboxDriver driver) {
        this.directory = directory;
        this.timers = timers;
        this.mailbox = driver.open("directory-feed", this::turn);
    }

    /**
     * A tier that is told of; what it holds already, as a disk does after a restart, is announced
     * now.
     */
    public WatchedTier watch(BlockTier tier) {
        Watched entry =
                new Watched(
                        tier.name(),
                        tier::contains,
                        each -> tier.entries(held -> each.accept(held.key())),
                        ConcurrentHashMap.newKeySet());
        WatchedTier watching = new WatchedTier(tier, key -> changed(entry, key));
        watched.put(tier.name(), entry);
        mailbox.post(new Event.Opened(entry));
        return watching;
    }

    /**
     * A device that is told of, because its blocks may lie nowhere else.
     *
     * @return to hear what changes in it
     */
    public CacheListener watch(RunnerDescription runner) {
        DeviceContent content = new DeviceContent(runner);
        String name = CacheControl.DEVICE + " " + devices.incrementAndGet();
        Watched entry =
                new Watched(
                        CacheControl.DEVICE,
                        content.held()::contains,
                        content.held()::forEach,
                        ConcurrentHashMap.newKeySet());
        watched.put(name, entry);
        return batch -> content.changes(batch, key -> changed(entry, key));
    }

    /** Everything is announced anew, for a directory that may have forgotten. */
    public void repeat() {
        watched.values().forEach(entry -> mailbox.post(new Event.Opened(entry)));
    }

    private void changed(Watched entry, BlockKey key) {
        if (entry.changed.add(key) && woken.compareAndSet(false, true)) {
            mailbox.post(new Event.Woken());
        }
    }

    private void turn(Event event, long nanos) {
        switch (event) {
            case Event.Woken() ->
                    timers.schedule(nanos + GATHERING, () -> mailbox.post(new Event.Gathered()));
            case Event.Gathered() -> {
                // What changes from here on wakes it anew.
                woken.set(false);
                watched.values().forEach(this::tell);
            }
            case Event.Opened(var entry) -> announceAll(entry);
        }
    }

    private void tell(Watched entry) {
        Batches held = new Batches(keys -> directory.announce(keys, entry.name));
        Batches gone = new Batches(keys -> directory.withdraw(keys, entry.name));
        for (BlockKey key : entry.changed) {
            // Forgotten before the tier is asked: a change after the answer is noted again.
            entry.changed.remove(key);
            if (entry.holds.test(key)) {
                held.add(key);
            } else {
                gone.add(key);
            }
        }
        gone.end();
        held.end();
    }

    private void announceAll(Watched entry) {
        Batches held = new Batches(keys -> directory.announce(keys, entry.name));
        entry.entries.accept(held::add);
        held.end();
    }

    /** Says nothing more. */
    @Override
    public void close() {
        mailbox.close();
    }

    private sealed interface Event {

        record Woken() implements Event {}

        record Gathered() implements Event {}

        record Opened(Watched entry) implements Event {}
    }

    /**
     * @param name of the tier
     * @param holds whether a block is there now
     * @param entries names all that is there
     */
    private record Watched(
            String name,
            Predicate<BlockKey> holds,
            Consumer<Consumer<BlockKey>> entries,
            Set<BlockKey> changed) {}

    /** Keys on their way, a bounded number at a time. */
    private static final class Batches {

        private final Consumer<List<BlockKey>> target;
        private List<BlockKey> keys = new ArrayList<>();

        Batches(Consumer<List<BlockKey>> target) {
            this.target = target;
        }

        void add(BlockKey key) {
            keys.add(key);
            if (keys.size() == BATCH) {
                end();
            }
        }

        void end() {
            if (!keys.isEmpty()) {
                target.accept(keys);
                keys = new ArrayList<>();
            }
        }
    }
}
