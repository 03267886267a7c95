package dev.cairn.core.route;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.HeldDigest;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEvent.AllCleared;
import dev.cairn.ports.cache.KvEvent.BlocksRemoved;
import dev.cairn.ports.cache.KvEvent.BlocksStored;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel.Publication;
import dev.cairn.ports.cache.KvHoldings;
import dev.cairn.ports.cache.LayerGroup.StateKind.FullAttention;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes one ordered, numbered stream of what changes in one model's device cache and in the tiers
 * below it, and can say at any time what that stream adds up to: it keeps an index of its own, that
 * hears what subscribers hear.
 *
 * <p>Layer groups are numbered so that 0 is one that keeps all of a prefix, which says how long a
 * hit can be. Tiers tell hashes only; whose tokens they stand for was told when the device had
 * them.
 *
 * <p>Threads: any; everything is decided in the turns of one mailbox.
 */
public final class CacheNews implements KvHoldings, AutoCloseable {

    /** Long enough to gather what one prompt stores in a tier. */
    private static final long GATHERING = TimeUnit.MILLISECONDS.toNanos(5);

    private static final int MOST_BLOCKS = 1 << 28;
    private static final int HASHES = 1024;

    private final RunnerDescription runner;
    private final Map<String, Watched> tiers = new HashMap<>();
    private final Clock clock;
    private final Timers timers;
    private final Mailbox<Event> mailbox;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final PrefixIndex told = new PrefixIndex(new PrefixIndexOptions(MOST_BLOCKS, 1));
    private final int[] groupNumbers;
    private final List<Publication> publications = new ArrayList<>();
    private long sequence;
    private long lastMicros;

    /** A tier, what changed there, and what was told of it. */
    private record Watched(BlockTier tier, String place, Set<BlockKey> changed, Set<Long> told) {}

    /**
     * @param runner whose blocks are told of
     * @param tiers below its device; what they hold already is told first
     */
    public CacheNews(
            RunnerDescription runner,
            List<BlockTier> tiers,
            MailboxDriver driver,
            Timers timers,
            Clock clock) {
        this.runner = runner;
        this.clock = clock;
        this.timers = timers;
        this.groupNumbers = groupNumbers(runner);
        for (BlockTier tier : tiers) {
            this.tiers.put(
                    tier.name(),
                    new Watched(
                            tier,
                            place(tier.name()),
                            ConcurrentHashMap.newKeySet(),
                            new HashSet<>()));
        }
        this.mailbox = driver.open("cache-news", this::turn);
    }

    /** The first group that keeps all is number 0; those before it move up by one. */
    private static int[] groupNumbers(RunnerDescription runner) {
        int main = 0;
        while (main < runner.groups().size() - 1
                && !(runner.groups().get(main).kind() instanceof FullAttention)) {
            main++;
        }
        int[] numbers = new int[runner.groups().size()];
        for (int group = 0; group < numbers.length; group++) {
            numbers[group] = group == main ? 0 : group < main ? group + 1 : group;
        }
        return numbers;
    }

    /** Indexes know four places; who names a tier otherwise has one far away. */
    private static String place(String tier) {
        List<String> places = PrefixIndexOptions.TIERS;
        return places.contains(tier) && !tier.equals(places.getFirst()) ? tier : places.getLast();
    }

    /** Told from now on; what happened before, a subscriber has to ask for. */
    public void publishBy(Publication publication) {
        mailbox.post(new Event.Told(publication));
    }

    /**
     * The device's cache changed.
     *
     * @param batch in order
     */
    public void on(List<KvEvent> batch) {
        mailbox.post(new Event.Device(batch));
    }

    /** A block may have come to a tier, or left it. */
    public void changed(String tier, BlockKey key) {
        Watched entry = tiers.get(tier);
        if (entry != null
                && isOurs(key)
                && entry.changed.add(key)
                && woken.compareAndSet(false, true)) {
            mailbox.post(new Event.Woken());
        }
    }

    private boolean isOurs(BlockKey key) {
        return key.model().equals(runner.fingerprint().hex())
                && key.identity().equals(runner.identity())
                && key.group() < groupNumbers.length;
    }

    @Override
    public void digests(Completion<Digests> done) {
        mailbox.post(new Event.AskedDigests(done));
    }

    @Override
    public void keys(String tier, int range, Completion<Keys> done) {
        mailbox.post(new Event.AskedKeys(tier, range, done));
    }

    private void turn(Event event, long nanos) {
        switch (event) {
            case Event.Told(var publication) -> {
                publications.add(publication);
                if (publications.size() == 1) {
                    tellAllTiers();
                }
            }
            case Event.Device(var batch) -> device(batch);
            case Event.Woken() ->
                    timers.schedule(nanos + GATHERING, () -> mailbox.post(new Event.Gathered()));
            case Event.Gathered() -> {
                // What changes from here on wakes it anew.
                woken.set(false);
                tiers.values().forEach(this::tellChanges);
            }
            case Event.AskedDigests(var done) -> done.completed(digestsNow());
            case Event.AskedKeys(var tier, int range, var done) ->
                    done.completed(new Keys(sequence - 1, tier, range, keysNow(tier, range)));
        }
    }

    private Digests digestsNow() {
        List<HeldDigest> digests = new ArrayList<>();
        List<String> places = told.options().tiers();
        for (int tier = 0; tier < places.size(); tier++) {
            BlockDigest digest = told.digest(0, tier);
            digests.add(new HeldDigest(places.get(tier), digest.blocks(), digest.sums()));
        }
        return new Digests(sequence - 1, digests);
    }

    private long[] keysNow(String place, int range) {
        int tier = told.options().tiers().indexOf(place);
        boolean known = tier >= 0 && range >= 0 && range < BlockDigest.RANGES;
        return known ? told.keys(0, tier, range) : new long[0];
    }

    private void device(List<KvEvent> batch) {
        List<KvEvent> renumbered = new ArrayList<>(batch.size());
        boolean cleared = false;
        for (KvEvent event : batch) {
            switch (event) {
                case BlocksStored stored ->
                        renumbered.add(
                                new BlocksStored(
                                        stored.hashes(),
                                        stored.parent(),
                                        stored.tokenIds(),
                                        stored.blockTokens(),
                                        groupNumbers[stored.group()],
                                        stored.tier(),
                                        stored.adapter(),
                                        stored.salt()));
                case BlocksRemoved removed ->
                        renumbered.add(
                                new BlocksRemoved(
                                        removed.hashes(),
                                        groupNumbers[removed.group()],
                                        removed.tier()));
                case AllCleared all -> {
                    renumbered.add(all);
                    cleared = true;
                }
            }
        }
        tell(renumbered);
        if (cleared) {
            // To who hears it, it stands for all places; tiers have kept what they had.
            tiers.values().forEach(entry -> entry.told.clear());
            tellAllTiers();
        }
    }

    private void tellAllTiers() {
        for (Watched entry : tiers.values()) {
            Changes changes = new Changes(entry);
            entry.tier.entries(
                    held -> {
                        if (isOurs(held.key())) {
                            changes.note(held.key(), true);
                        }
                    });
            changes.tell();
        }
    }

    private void tellChanges(Watched entry) {
        Changes changes = new Changes(entry);
        for (BlockKey key : entry.changed) {
            // Forgotten before the tier is asked: a change after the answer is noted again.
            entry.changed.remove(key);
            changes.note(key, entry.tier.contains(key));
        }
        changes.tell();
    }

    private void tell(List<KvEvent> events) {
        events.forEach(event -> told.apply(0, event));
        lastMicros = Math.max(lastMicros + 1, clock.epochMillis() * 1000);
        KvEventBatch batch = new KvEventBatch(sequence++, lastMicros, events);
        publications.forEach(publication -> publication.publish(batch));
    }

    /** Says nothing more. */
    @Override
    public void close() {
        mailbox.close();
    }

    /** What changed in one tier, by group, as events of a bounded size. */
    private final class Changes {

        private final Watched entry;
        private final Map<Integer, List<BlockHash>> stored = new HashMap<>();
        private final Map<Integer, List<BlockHash>> removed = new HashMap<>();

        Changes(Watched entry) {
            this.entry = entry;
        }

        void note(BlockKey key, boolean held) {
            int group = groupNumbers[key.group()];
            long index = PrefixIndex.key(key.hash(), group);
            if (held ? entry.told.add(index) : entry.told.remove(index)) {
                var changes = held ? stored : removed;
                List<BlockHash> hashes = changes.computeIfAbsent(group, _ -> new ArrayList<>());
                hashes.add(key.hash());
                if (hashes.size() == HASHES) {
                    tell();
                }
            }
        }

        void tell() {
            List<KvEvent> events = new ArrayList<>();
            stored.forEach(
                    (group, hashes) ->
                            events.add(
                                    new BlocksStored(
                                            hashes, null, List.of(), 0, group, entry.place, "")));
            removed.forEach(
                    (group, hashes) -> events.add(new BlocksRemoved(hashes, group, entry.place)));
            stored.clear();
            removed.clear();
            if (!events.isEmpty()) {
                CacheNews.this.tell(events);
            }
        }
    }

    private sealed interface Event {

        record Told(Publication publication) implements Event {}

        record Device(List<KvEvent> batch) implements Event {}

        record Woken() implements Event {}

        record Gathered() implements Event {}

        record AskedDigests(Completion<Digests> done) implements Event {}

        record AskedKeys(String tier, int range, Completion<Keys> done) implements Event {}
    }
}
