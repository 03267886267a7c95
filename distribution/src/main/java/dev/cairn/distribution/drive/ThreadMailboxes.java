package dev.cairn.distribution.drive;

import dev.cairn.core.mailbox.EventHandler;
import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.ports.system.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Gives every state machine a platform thread of its own. Threads: any. */
public final class ThreadMailboxes implements MailboxDriver, AutoCloseable {

    /**
     * Most events that wait for one machine. Admission and steps in flight bound them far below
     * this; a queue that grows so long means that its machine hangs.
     */
    private static final int CAPACITY = 1 << 18;

    private final Clock clock;
    private final List<ThreadMailbox<?>> open = new CopyOnWriteArrayList<>();

    public ThreadMailboxes(Clock clock) {
        this.clock = clock;
    }

    @Override
    public <E> Mailbox<E> open(String name, EventHandler<E> handler) {
        return open(name, handler, ThreadMailboxes.class.getClassLoader());
    }

    /**
     * The same driver for machines that call into a plugin: their threads have the plugin's context
     * class loader.
     */
    public MailboxDriver withContext(ClassLoader loader) {
        return new MailboxDriver() {
            @Override
            public <E> Mailbox<E> open(String name, EventHandler<E> handler) {
                return ThreadMailboxes.this.open(name, handler, loader);
            }
        };
    }

    private <E> Mailbox<E> open(String name, EventHandler<E> handler, ClassLoader context) {
        ThreadMailbox<E> mailbox = new ThreadMailbox<>(name, handler, clock, context, CAPACITY);
        open.add(mailbox);
        mailbox.start();
        return mailbox;
    }

    /** Closes all mailboxes and waits until what was posted is handled. */
    @Override
    public void close() {
        open.forEach(ThreadMailbox::close);
        open.forEach(ThreadMailbox::join);
    }
}
