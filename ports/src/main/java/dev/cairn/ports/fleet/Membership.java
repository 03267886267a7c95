package dev.cairn.ports.fleet;

import java.util.List;

/**
 * Who is there. Static lists, watched files, DNS and Hazelcast implement it.
 *
 * <p>Threads: any; {@link #members} reads a local replica and never waits; the listener is called
 * on the implementation's own thread, one change at a time.
 */
public interface Membership extends AutoCloseable {

    /** This process, as others see it. */
    Member self();

    /**
     * Announces changed facts on this process. Others see it from the first time on.
     *
     * @throws IllegalArgumentException for another id than {@link #self} has
     */
    void update(Member self);

    /** Everybody, this process included. */
    List<Member> members();

    void listen(MembershipListener listener);

    @Override
    void close();

    /** Hears of other members, from now on. */
    interface MembershipListener {

        void joined(Member member);

        void changed(Member member);

        /** Left or is believed dead. */
        void left(Member member);
    }
}
