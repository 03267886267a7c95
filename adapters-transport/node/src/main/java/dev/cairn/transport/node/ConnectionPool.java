package dev.cairn.transport.node;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** Connections to one worker: those in use are bounded, those at rest wait for more. */
final class ConnectionPool {

    private static final int MOST_AT_REST = 64;

    private final NodeAddress address;
    private final NodeOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<NodeConnection> resting = new ArrayDeque<>();
    private final Set<NodeConnection> used = new HashSet<>();
    private boolean closed;

    ConnectionPool(NodeAddress address, NodeOptions options) {
        this.address = address;
        this.options = options;
    }

    /**
     * A connection that is not used by anybody else; the youngest of those at rest, for the worker
     * closes old ones.
     *
     * @return null if too many are in use
     */
    Lent take(boolean fresh) throws IOException {
        NodeConnection connection;
        boolean reused;
        lock.lock();
        try {
            if (closed) {
                throw new IOException("the client is closed");
            }
            if (used.size() >= options.connections()) {
                return null;
            }
            NodeConnection rested = fresh ? null : resting.pollLast();
            reused = rested != null;
            connection = reused ? rested : new NodeConnection(address, options);
            used.add(connection);
        } finally {
            lock.unlock();
        }
        return new Lent(connection, reused);
    }

    /** Takes a connection back that may serve another request. */
    void rest(NodeConnection connection) {
        lock.lock();
        try {
            if (used.remove(connection) && !closed && resting.size() < MOST_AT_REST) {
                resting.addLast(connection);
                return;
            }
        } finally {
            lock.unlock();
        }
        connection.close();
    }

    void discard(NodeConnection connection) {
        lock.lock();
        try {
            used.remove(connection);
        } finally {
            lock.unlock();
        }
        connection.close();
    }

    int inUse() {
        lock.lock();
        try {
            return used.size();
        } finally {
            lock.unlock();
        }
    }

    /** Closes what rests: a worker that failed will not answer there either. */
    void forgetResting() {
        List<NodeConnection> old;
        lock.lock();
        try {
            old = List.copyOf(resting);
            resting.clear();
        } finally {
            lock.unlock();
        }
        old.forEach(NodeConnection::close);
    }

    void close() {
        List<NodeConnection> all;
        lock.lock();
        try {
            closed = true;
            all = List.copyOf(used);
        } finally {
            lock.unlock();
        }
        all.forEach(NodeConnection::close);
        forgetResting();
    }

    /**
     * @param reused whether it was used before, and may have been closed since
     */
    record Lent(NodeConnection connection, boolean reused) {}
}
