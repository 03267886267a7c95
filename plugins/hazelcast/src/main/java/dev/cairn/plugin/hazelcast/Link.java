package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.system.Completion;
import java.time.Duration;
import java.util.Set;

/**
 * Carries bytes between members. Whatever is told may be lost; order is likely, not certain.
 *
 * <p>Threads: any. No method waits for another member.
 */
interface Link extends AutoCloseable {

    /** What comes from the others. Threads: the link's. */
    interface Receiver {

        /** A member told something. Never waits. */
        void heard(String from, byte[] message);

        /** A member asks; the answer may take a while where it is about a command. */
        byte[] asked(String from, Question question);

        /** Members may have come or gone. */
        void membersChanged();
    }

    /** Others that are there now. */
    Set<String> others();

    /** Others that were there, and may only be cut off: what they are told may find them again. */
    default Set<String> cutOff() {
        return Set.of();
    }

    /** A member said farewell: it is not cut off when it is gone. */
    default void forget(String member) {}

    void tell(String member, byte[] message);

    /** Tells something before this member leaves, and waits a moment until it has come. */
    void tellLast(Set<String> members, byte[] message);

    /**
     * @param done the answer, or the reason why there is none, on any thread; once
     */
    void ask(String member, Question question, Duration atMost, Completion<byte[]> done);

    /** Leaves. */
    @Override
    void close();
}
