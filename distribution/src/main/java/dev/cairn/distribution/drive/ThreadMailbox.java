package dev.cairn.distribution.drive;

import dev.cairn.core.mailbox.EventHandler;
import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.ports.system.Clock;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A queue and the thread that empties it.
 *
 * <p>The thread ends by {@link #close} alone: a turn that throws is logged with its event, and the
 * next event is handled.
 */
final class ThreadMailbox<E> implements Mailbox<E> {

    private static final System.Logger LOG = System.getLogger(ThreadMailbox.class.getName());

    private final String name;
    private final EventHandler<E> handler;
    private final Clock clock;
    private final LinkedBlockingQueue<Letter<E>> letters;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread thread;

    ThreadMailbox(
            String name, EventHandler<E> handler, Clock clock, ClassLoader context, int capacity) {
        this.name = name;
        this.handler = handler;
        this.clock = clock;
        this.letters = new LinkedBlockingQueue<>(capacity);
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("cairn-" + name)
                        .uncaughtExceptionHandler(ThreadMailbox::died)
                        .unstarted(this::work);
        this.thread.setContextClassLoader(context);
    }

    void start() {
        thread.start();
    }

    @Override
    public void post(E event) {
        if (closed.get()) {
            return;
        }
        if (!letters.offer(new Letter.Event<>(event))) {
            throw new IllegalStateException(
                    "%s has %d events waiting and takes no more".formatted(name, letters.size()));
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true) && !letters.offer(new Letter.Last<>())) {
            // A full queue means that the machine hangs: it would never come to the last letter.
            thread.interrupt();
        }
    }

    /** Waits until everything posted before {@link #close} is handled. */
    void join() {
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        while (true) {
            try {
                switch (letters.take()) {
                    case Letter.Event<E>(var event) -> turn(event);
                    case Letter.Last<E>() -> {
                        return;
                    }
                }
            } catch (InterruptedException stopped) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} was interrupted with {1} events waiting",
                        name,
                        letters.size());
                return;
            }
        }
    }

    private void turn(E event) {
        try {
            handler.on(event, clock.nanos());
        } catch (RuntimeException | Error bug) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "%s failed on %s; going on with the next event"
                            .formatted(name, event.getClass().getSimpleName()),
                    bug);
        }
    }

    private static void died(Thread thread, Throwable cause) {
        LOG.log(
                System.Logger.Level.ERROR,
                thread.getName() + " died; nothing that it owns goes on",
                cause);
    }

    private sealed interface Letter<E> {

        record Event<E>(E event) implements Letter<E> {}

        record Last<E>() implements Letter<E> {}
    }
}
