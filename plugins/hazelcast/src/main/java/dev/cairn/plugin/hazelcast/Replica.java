package dev.cairn.plugin.hazelcast;

import dev.cairn.plugin.hazelcast.Question.Contents;
import dev.cairn.plugin.hazelcast.Question.ContentsAnswer;
import dev.cairn.plugin.hazelcast.Question.Differences;
import dev.cairn.plugin.hazelcast.Question.DifferencesAnswer;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What one other member holds, as it told. In step, its batches are applied as they come. Where one
 * is missing, or its beacon shows other sums than ours, we ask it for the buckets that differ; the
 * batches that come meanwhile wait and are applied afterwards.
 *
 * <p>Why this ends in the owner's state: the sums of the answer to {@link Differences} are those
 * after the batch that it names. Buckets that agreed are in that state, the others in that state or
 * a later one, and to apply to a later state the batches that led there changes nothing in the end,
 * because a block's last change decides. A batch lost on the way shows in the next beacon.
 *
 * <p>Threads: one.
 */
final class Replica {

    /** Changes that may wait for a repair; 4 MB. */
    private static final int MOST_WAITING = 1 << 18;

    /** Beacons between two repairs where there is no room for all that the member holds. */
    private static final int PAUSE = 60;

    /** Beacons after which an answer is not waited for any more; askers give up earlier. */
    private static final int PATIENCE = 20;

    private final int index;
    private final HolderTable table;
    private final TierNames tiers;
    private final Owner owner;
    private final Buckets buckets = new Buckets();
    private final TreeMap<Long, Changes> waiting = new TreeMap<>();
    private int waitingChanges;
    private long applied;
    private boolean repairing;
    private int asked;
    private int silence;
    private int pause;
    private long repairs;

    /** Asks the member that this is a replica of. */
    @FunctionalInterface
    interface Owner {

        /**
         * @param done on the replica's thread
         */
        void ask(Question question, Completion<byte[]> done);
    }

    /**
     * @param index the member's number in the table
     */
    Replica(int index, HolderTable table, TierNames tiers, Owner owner) {
        this.index = index;
        this.table = table;
        this.tiers = tiers;
        this.owner = owner;
    }

    /** The number of a holder in the table: member and tier. */
    static int holder(int index, int tier) {
        return index << 5 | tier;
    }

    static int member(int holder) {
        return holder >>> 5;
    }

    static int tier(int holder) {
        return holder & TierNames.MOST - 1;
    }

    int index() {
        return index;
    }

    /** Repairs so far. */
    long repairs() {
        return repairs;
    }

    void hear(Message.Batch batch) {
        if (batch.sequence() <= applied || waiting.containsKey(batch.sequence())) {
            return;
        }
        if (waitingChanges + batch.changes().count() > MOST_WAITING) {
            return;
        }
        waiting.put(batch.sequence(), batch.changes());
        waitingChanges += batch.changes().count();
        catchUp();
    }

    void hear(Message.Beacon beacon) {
        if (repairing) {
            silence++;
            if (silence > PATIENCE) {
                giveUp();
            }
            return;
        }
        if (beacon.sequence() < applied) {
            return;
        }
        if (beacon.sequence() == applied && buckets.differing(beacon.sums()) == 0) {
            return;
        }
        if (pause > 0) {
            pause--;
            return;
        }
        repair();
    }

    /** The member has left: answers that are on their way come too late. */
    void end() {
        asked++;
        repairing = true;
    }

    /** The next beacon starts the repair again. */
    private void giveUp() {
        asked++;
        repairing = false;
        catchUp();
    }

    private void catchUp() {
        while (!repairing && !waiting.isEmpty() && waiting.firstKey() <= applied + 1) {
            var next = waiting.pollFirstEntry();
            waitingChanges -= next.getValue().count();
            if (next.getKey() == applied + 1) {
                apply(next.getValue());
                applied++;
            }
        }
    }

    private void repair() {
        repairing = true;
        repairs++;
        ask(new Differences(buckets.groups()), DifferencesAnswer::decode, this::compare);
    }

    private void compare(DifferencesAnswer answer) {
        List<Integer> differing = new ArrayList<>();
        int read = 0;
        for (int group = 0; group < Buckets.GROUPS; group++) {
            if ((answer.groups() >>> group & 1) != 0) {
                for (int within = 0; within < Buckets.PER_GROUP; within++) {
                    if (answer.sums()[read++] != buckets.group(group, within)) {
                        differing.add(group * Buckets.PER_GROUP + within);
                    }
                }
            }
        }
        fetch(differing, answer.sequence());
    }

    private void fetch(List<Integer> differing, long sequence) {
        if (differing.isEmpty()) {
            applied = Math.max(applied, sequence);
            pause = table.full() ? PAUSE : 0;
            repairing = false;
            catchUp();
            return;
        }
        ask(
                new Contents(differing),
                ContentsAnswer::decode,
                answer -> {
                    if (answer.answered() < 1 || answer.answered() > differing.size()) {
                        throw new MalformedMessage("buckets that nobody asked for");
                    }
                    replace(differing.subList(0, answer.answered()), answer.contents());
                    fetch(differing.subList(answer.answered(), differing.size()), sequence);
                });
    }

    private <T> void ask(Question question, Function<byte[], T> decode, Answered<T> answered) {
        asked++;
        silence = 0;
        int number = asked;
        owner.ask(
                question,
                new Completion<>() {
                    @Override
                    public void completed(byte[] answer) {
                        if (number == asked) {
                            try {
                                answered.accept(decode.apply(answer));
                            } catch (MalformedMessage unusable) {
                                giveUp();
                            }
                        }
                    }

                    @Override
                    public void failed(Throwable failure) {
                        if (number == asked) {
                            giveUp();
                        }
                    }
                });
    }

    private void apply(Changes changes) {
        Numbered numbered = new Numbered(changes);
        for (int i = 0; i < changes.count(); i++) {
            if (changes.gone(i)) {
                numbered.remove(i);
            } else {
                numbered.add(i);
            }
        }
    }

    private void replace(List<Integer> replaced, Changes contents) {
        Set<Integer> inside = new HashSet<>(replaced);
        Set<Entry> theirs = new HashSet<>();
        Numbered numbered = new Numbered(contents);
        for (int i = 0; i < contents.count(); i++) {
            if (!inside.contains(Buckets.of(contents.highs()[i]))) {
                throw new MalformedMessage("a block of another bucket");
            }
            theirs.add(new Entry(contents.highs()[i], contents.lows()[i], numbered.holder(i)));
        }
        List<Entry> superfluous = new ArrayList<>();
        for (int bucket : replaced) {
            table.visit(
                    bucket,
                    (high, low, holder) -> {
                        Entry ours = new Entry(high, low, holder);
                        if (member(holder) == index && !theirs.contains(ours)) {
                            superfluous.add(ours);
                        }
                    });
        }
        for (Entry each : superfluous) {
            table.remove(each.high, each.low, each.holder);
            buckets.remove(each.high, each.low, tiers.hash(tier(each.holder)));
        }
        for (int i = 0; i < contents.count(); i++) {
            numbered.add(i);
        }
    }

    private record Entry(long high, long low, int holder) {}

    /** Takes an answer; throws {@link MalformedMessage} for one that makes no sense. */
    @FunctionalInterface
    private interface Answered<T> {

        void accept(T answer);
    }

    /** Changes whose tiers have our numbers; what is in a tier too many is left out. */
    private final class Numbered {

        private final Changes changes;
        private final int[] numbers;
        private final long[] hashes;

        Numbered(Changes changes) {
            this.changes = changes;
            numbers = changes.tiers().stream().mapToInt(tiers::number).toArray();
            hashes = Arrays.stream(numbers).mapToLong(n -> n < 0 ? 0 : tiers.hash(n)).toArray();
        }

        int holder(int i) {
            return Replica.holder(index, Math.max(0, numbers[changes.tier(i)]));
        }

        void add(int i) {
            int tier = changes.tier(i);
            if (numbers[tier] >= 0 && table.add(changes.highs()[i], changes.lows()[i], holder(i))) {
                buckets.add(changes.highs()[i], changes.lows()[i], hashes[tier]);
            }
        }

        void remove(int i) {
            int tier = changes.tier(i);
            if (numbers[tier] >= 0
                    && table.remove(changes.highs()[i], changes.lows()[i], holder(i))) {
                buckets.remove(changes.highs()[i], changes.lows()[i], hashes[tier]);
            }
        }
    }
}
