package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership.MembershipListener;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Who is there, by their own words. A member is in it from the first facts heard of it until it
 * leaves.
 *
 * <p>Threads: reading, {@link #describe} and {@link #listen} from any; the rest from one.
 */
final class Roll {

    private static final Logger LOGGER = System.getLogger(Roll.class.getName());

    private final AtomicReference<Own> self;
    private final Executor listenerThread;
    private final List<MembershipListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, Message.Facts> others = new HashMap<>();
    private volatile List<Member> told = List.of();

    /**
     * @param listenerThread calls listeners, one after the other
     */
    Roll(Member self, Executor listenerThread) {
        this.self = new AtomicReference<>(new Own(0, self));
        this.listenerThread = listenerThread;
    }

    Own own() {
        return self.get();
    }

    void describe(Member changed) {
        MemberText.check(changed);
        self.updateAndGet(
                before -> {
                    if (!before.member.id().equals(changed.id())) {
                        throw new IllegalArgumentException(
                                "this member is %s, not %s"
                                        .formatted(before.member.id(), changed.id()));
                    }
                    return new Own(before.revision + 1, changed);
                });
    }

    /** Everybody, this process first. */
    List<Member> members() {
        List<Member> members = new ArrayList<>();
        members.add(self.get().member);
        members.addAll(told);
        return List.copyOf(members);
    }

    /** Who is there already has joined. */
    void listen(MembershipListener listener) {
        listeners.add(listener);
    }

    /** Whether the facts are older than what the beacon says. */
    boolean isBehind(String member, long revision) {
        Message.Facts known = others.get(member);
        return revision > (known == null ? 0 : known.revision());
    }

    void hear(String member, Message.Facts facts) {
        if (!facts.member().id().equals(member) || !isBehind(member, facts.revision())) {
            return;
        }
        Message.Facts before = others.put(member, facts);
        publish();
        if (before == null) {
            LOGGER.log(Level.INFO, "member {0} has joined the fleet", member);
            tell(listener -> listener.joined(facts.member()));
        } else if (!before.member().equals(facts.member())) {
            tell(listener -> listener.changed(facts.member()));
        }
    }

    void went(String member) {
        Message.Facts known = others.remove(member);
        if (known != null) {
            publish();
            LOGGER.log(Level.INFO, "member {0} has left the fleet, or is not heard of", member);
            tell(listener -> listener.left(known.member()));
        }
    }

    private void publish() {
        told = others.values().stream().map(Message.Facts::member).toList();
    }

    private void tell(Consumer<MembershipListener> news) {
        listenerThread.execute(() -> listeners.forEach(news));
    }

    /**
     * This process's facts.
     *
     * @param revision 0 until it was described for the first time
     */
    record Own(long revision, Member member) {

        Message.Facts facts() {
            return new Message.Facts(revision, member);
        }
    }
}
