package dev.cairn.transport.events;

import dev.cairn.ports.cache.KvEventChannel;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * The thread that hears workers: it has the sockets of all of them, and what others want of one is
 * left to it as a task.
 *
 * <p>Threads: {@link #follow} and {@link #close} any; {@link #run} is the thread's.
 */
final class Subscriber implements Runnable {

    private static final System.Logger LOG = System.getLogger(Subscriber.class.getName());

    private final int messageBytes;
    private final ZContext context = new ZContext(1);
    private final Waker waker = new Waker();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<Followed> followed = new ArrayList<>();
    private final Thread thread;
    private volatile boolean closed;

    /**
     * @param messageBytes the largest message that is heard
     */
    Subscriber(int messageBytes) {
        this.messageBytes = messageBytes;
        this.thread = Thread.ofPlatform().name("kv-events-subscriber").daemon().unstarted(this);
        thread.start();
    }

    KvEventChannel.Subscription follow(EventAddress address, KvEventChannel.Listener listener) {
        Followed worker = new Followed(context, address, listener, messageBytes);
        post(
                () -> {
                    try {
                        worker.open();
                        followed.add(worker);
                    } catch (RuntimeException e) {
                        worker.close();
                        listener.lost(address.events() + " cannot be used: " + e.getMessage());
                    }
                });
        return new KvEventChannel.Subscription() {
            @Override
            public void replay(long fromSequence) {
                post(worker, () -> worker.replay(fromSequence));
            }

            @Override
            public void askDigests() {
                post(worker, () -> worker.askHeld(HoldingsText.askDigests()));
            }

            @Override
            public void askKeys(String tier, int range) {
                post(worker, () -> worker.askHeld(HoldingsText.askKeys(tier, range)));
            }

            @Override
            public void close() {
                post(
                        () -> {
                            if (followed.remove(worker)) {
                                worker.close();
                            }
                        });
            }
        };
    }

    private void post(Followed worker, Runnable task) {
        post(
                () -> {
                    if (followed.contains(worker)) {
                        task.run();
                    }
                });
    }

    private void post(Runnable task) {
        tasks.add(task);
        waker.wake();
    }

    @Override
    public void run() {
        try {
            while (!closed) {
                poll();
                waker.awake();
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                boolean more = false;
                for (Followed worker : followed) {
                    more |= worker.hear();
                }
                if (more) {
                    waker.wake();
                }
            }
        } catch (RuntimeException e) {
            if (!closed) {
                LOG.log(Level.ERROR, "KV events are heard no more", e);
            }
        } finally {
            context.close();
            waker.close();
        }
    }

    private void poll() {
        try (ZMQ.Poller poller = context.createPoller(1 + 3 * followed.size())) {
            poller.register(waker.channel(), ZMQ.Poller.POLLIN);
            for (Followed worker : followed) {
                worker.register(poller);
            }
            poller.poll(-1);
        }
    }

    void close() {
        closed = true;
        waker.wake();
        Threads.join(thread);
    }
}
