package dev.cairn.engine.remote;

import dev.cairn.ports.relay.AttemptFailure;
import dev.cairn.ports.relay.RemoteWorker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/** The connections to one worker. The loop's thread. */
final class WorkerPool {

    private static final int MOST_IDLE = 256;

    private final RemoteWorker worker;
    private final RelayLoop loop;
    private final byte[] hostLine;
    private final ArrayDeque<WorkerConnection> idle = new ArrayDeque<>();
    private final Set<WorkerConnection> open = new HashSet<>();
    private InetSocketAddress address;
    private boolean isClosed;

    /**
     * @param extraLines header lines that every request to this worker gets
     */
    WorkerPool(RemoteWorker worker, RelayLoop loop, String extraLines) {
        this.worker = worker;
        this.loop = loop;
        boolean namesRank = worker.rank() >= 0 && !HalvedWork.namesRank(worker);
        String rank = !namesRank ? "" : "X-data-parallel-rank: " + worker.rank() + "\r\n";
        this.hostLine =
                ("Host: " + worker.authority() + "\r\n" + rank + extraLines)
                        .getBytes(StandardCharsets.ISO_8859_1);
    }

    RemoteWorker worker() {
        return worker;
    }

    /** {@code Host} and what else belongs to this worker. */
    byte[] lines() {
        return hostLine;
    }

    /** Where probes found it. */
    void at(InetSocketAddress resolved) {
        address = resolved;
    }

    /**
     * A connection that nobody uses.
     *
     * @param fresh not one that was used before
     * @throws IOException if none can be made
     */
    WorkerConnection connection(boolean fresh) throws IOException {
        WorkerConnection kept = fresh ? null : idle.pollLast();
        if (kept != null) {
            return kept;
        }
        if (address == null) {
            throw new IOException(worker.name() + " has no address yet");
        }
        WorkerConnection made = WorkerConnection.to(address, loop, this);
        open.add(made);
        return made;
    }

    void idle(WorkerConnection connection) {
        if (isClosed || idle.size() >= MOST_IDLE) {
            connection.close();
        } else {
            idle.addLast(connection);
        }
    }

    void closed(WorkerConnection connection) {
        open.remove(connection);
        idle.remove(connection);
    }

    /** The worker left the list: what runs goes on, nothing is kept for later. */
    void retire() {
        isClosed = true;
        for (WorkerConnection connection : idle.toArray(WorkerConnection[]::new)) {
            connection.close();
        }
    }

    /** Closes what was not used for a while, and tells who waits too long for a connection. */
    void tidy(long connectNanos, long idleNanos) {
        for (WorkerConnection connection : open.toArray(WorkerConnection[]::new)) {
            long age = loop.now() - connection.since();
            if (connection.isConnecting() && age > connectNanos) {
                connection.fail(AttemptFailure.UNREACHABLE);
            } else if (idle.contains(connection) && age > idleNanos) {
                connection.close();
            }
        }
    }
}
