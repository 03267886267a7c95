package dev.cairn.serving;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/** Stands between who publishes and who subscribes, and loses some of the messages. */
final class LossyProxy implements AutoCloseable {

    private final ZContext context = new ZContext(1);
    private final ZMQ.Socket from;
    private final ZMQ.Socket to;
    private final String address;
    private final Random random;
    private final double loss;
    private final Thread thread;
    private final AtomicInteger lost = new AtomicInteger();
    private volatile boolean closed;

    LossyProxy(String publisher, double loss, long seed) {
        this.loss = loss;
        this.random = new Random(seed);
        this.from = context.createSocket(SocketType.SUB);
        this.to = context.createSocket(SocketType.PUB);
        from.setRcvHWM(0);
        to.setSndHWM(0);
        from.setReceiveTimeOut(20);
        from.subscribe(new byte[0]);
        from.connect(publisher);
        to.bind("tcp://127.0.0.1:*");
        this.address = to.getLastEndpoint();
        this.thread = Thread.ofPlatform().daemon().name("lossy-proxy").start(this::pass);
    }

    String address() {
        return address;
    }

    /** Messages that were not passed on. */
    int lost() {
        return lost.get();
    }

    private void pass() {
        try {
            while (!closed) {
                byte[] topic = from.recv();
                if (topic == null) {
                    continue;
                }
                byte[] sequence = from.recv();
                byte[] batch = from.recv();
                if (random.nextDouble() < loss) {
                    lost.incrementAndGet();
                } else {
                    to.send(topic, ZMQ.SNDMORE);
                    to.send(sequence, ZMQ.SNDMORE);
                    to.send(batch, 0);
                }
            }
        } catch (ZMQException e) {
            if (!closed) {
                throw e;
            }
        } finally {
            context.close();
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
