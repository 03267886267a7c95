package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.system.Completion;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What a member does about the others: tells them what changed here, takes in what they tell, and
 * asks where something was missed. Everything that is told may get lost: once a second a beacon
 * says where a member stands, and who is behind asks.
 *
 * <p>Threads: one, that of the executor.
 */
final class FleetState {

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private final Link link;
    private final Executor thread;
    private final Roll roll;
    private final Holdings holdings;
    private final Replicas replicas;
    private final LongSupplier nanos;
    private final long mostSilent;
    private final Set<String> present = new HashSet<>();

    /** When a member that is present, or believed dead, was last heard of. */
    private final Map<String, Long> heard = new HashMap<>();

    /** Said farewell and not gone yet. */
    private final Set<String> departed = new HashSet<>();

    private long lastTick;

    /**
     * @param thread runs what must run on this object's thread
     * @param nanos the time
     * @param mostSilent nanoseconds; who says nothing for longer counts as gone
     */
    FleetState(
            Link link,
            Executor thread,
            Roll roll,
            Holdings holdings,
            Replicas replicas,
            LongSupplier nanos,
            long mostSilent) {
        this.nanos = nanos;
        this.mostSilent = mostSilent;
        this.lastTick = nanos.getAsLong();
        this.link = link;
        this.thread = thread;
        this.roll = roll;
        this.holdings = holdings;
        this.replicas = replicas;
    }

    /** Compares who is there with who was, greets newcomers and drops who is gone. */
    void lookAround() {
        Set<String> now = new HashSet<>(link.others());
        departed.retainAll(now);
        heard.keySet().retainAll(now);
        now.removeAll(departed);
        now.removeIf(this::isSilent);
        for (String gone : List.copyOf(present)) {
            if (!now.contains(gone)) {
                drop(gone);
            }
        }
        Set<String> newcomers = new HashSet<>();
        for (String member : now) {
            if (present.add(member)) {
                newcomers.add(member);
                heard.putIfAbsent(member, nanos.getAsLong());
                replicas.came(member, this::owner);
            }
        }
        if (!newcomers.isEmpty()) {
            tellFacts(newcomers);
            tellChanges(newcomers);
        }
    }

    /** Hazelcast may take longer to be sure; whoever is stopped or cut off is no use until then. */
    private boolean isSilent(String member) {
        Long last = heard.get(member);
        return last != null && nanos.getAsLong() - last > mostSilent;
    }

    /** Every half a second. */
    void tick() {
        long now = nanos.getAsLong();
        if (now - lastTick > mostSilent / 2) {
            // It was this member that stood still.
            heard.replaceAll((member, last) -> now);
        }
        lastTick = now;
        lookAround();
        tellChanges(beaconed());
    }

    /**
     * Who is believed dead, or is cut off, is told of this member, too: the other may believe the
     * same of it.
     */
    private Set<String> beaconed() {
        Set<String> all = new HashSet<>(heard.keySet());
        all.addAll(link.cutOff());
        all.removeAll(departed);
        return all;
    }

    /** This member's facts changed. */
    void factsChanged() {
        tellFacts(present);
    }

    /** This member's blocks changed. */
    void blocksChanged() {
        tellChanges(Set.of());
    }

    /** This member leaves. */
    void sayFarewell() {
        link.tellLast(present, new Message.Farewell().encode());
    }

    /**
     * A member told something.
     *
     * @throws MalformedMessage if that makes no sense; it changed nothing then
     */
    void hear(String from, byte[] bytes) {
        if (departed.contains(from)) {
            return;
        }
        heard.computeIfPresent(from, (member, last) -> nanos.getAsLong());
        if (!present.contains(from)) {
            // Its words may be here before the news that it has come.
            lookAround();
            if (!present.contains(from)) {
                return;
            }
        }
        switch (Message.decode(bytes)) {
            case Message.Batch batch -> replicas.hear(from, batch);
            case Message.Beacon beacon -> {
                replicas.hear(from, beacon);
                if (roll.isBehind(from, beacon.revision())) {
                    tell(Set.of(from), new Message.FactsWanted());
                }
            }
            case Message.Facts facts -> roll.hear(from, facts);
            case Message.FactsWanted() -> tellFacts(Set.of(from));
            case Message.Farewell() -> {
                departed.add(from);
                link.forget(from);
                drop(from);
            }
        }
    }

    private void drop(String member) {
        present.remove(member);
        replicas.went(member);
        roll.went(member);
    }

    private void tellFacts(Collection<String> members) {
        Roll.Own own = roll.own();
        if (own.revision() > 0) {
            tell(members, own.facts());
        }
    }

    /** Everybody gets the batches, the named ones the beacon as well. */
    private void tellChanges(Collection<String> withBeacon) {
        Holdings.Outgoing outgoing = holdings.drain(roll.own().revision());
        outgoing.batches().forEach(batch -> tell(present, batch));
        tell(withBeacon, outgoing.beacon());
    }

    private void tell(Collection<String> members, Message message) {
        if (!members.isEmpty()) {
            byte[] bytes = message.encode();
            members.forEach(member -> link.tell(member, bytes));
        }
    }

    private Replica.Owner owner(String member) {
        return (question, done) ->
                link.ask(
                        member,
                        question,
                        ANSWER_LIMIT,
                        new Completion<>() {
                            @Override
                            public void completed(byte[] answer) {
                                thread.execute(() -> done.completed(answer));
                            }

                            @Override
                            public void failed(Throwable failure) {
                                thread.execute(() -> done.failed(failure));
                            }
                        });
    }
}
