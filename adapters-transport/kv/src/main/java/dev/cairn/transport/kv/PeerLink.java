package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockTransport.PeerState;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.RandomSource;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything about one peer that blocks are pulled from: its connections, what they took, and for
 * how long it is avoided after it failed.
 *
 * <p>Threads: any; its own lock, under which no outcome is told.
 */
final class PeerLink implements Outgoing.Owner {

    /** Makes a connection that has not begun. */
    interface Connector {

        Outgoing connection(Outgoing.Owner owner);
    }

    private static final System.Logger LOGGER = System.getLogger(PeerLink.class.getName());

    private static final long FIRST_PAUSE_NANOS = 200_000_000L;
    private static final long LONGEST_PAUSE_NANOS = 30_000_000_000L;
    private static final int MOST_DOUBLINGS = 10;

    private final String address;
    private final Connector connector;
    private final Watch watch;
    private final KvOptions.Limits limits;
    private final Clock clock;
    private final RandomSource random;
    private final PullRates rates = new PullRates();
    private final List<Outgoing> connections = new ArrayList<>();
    private String path = "";
    private int failures;
    private long avoidedUntil;
    private boolean avoided;
    private boolean refusalTold;
    private boolean closed;

    PeerLink(
            String address,
            Connector connector,
            Watch watch,
            KvOptions.Limits limits,
            Clock clock,
            RandomSource random) {
        this.address = address;
        this.connector = connector;
        this.watch = watch;
        this.limits = limits;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Hands the pull to a connection, or ends it.
     *
     * @return the connection, or null
     */
    Outgoing pull(Pull pull) {
        GetOutcome outcome;
        synchronized (this) {
            if (isAvoided() || closed) {
                outcome = GetOutcome.FAILED;
            } else if (blocks() + pull.size() > limits.queuedBlocks()) {
                outcome = GetOutcome.BUSY;
            } else {
                Outgoing taken = submit(pull);
                if (taken != null) {
                    return taken;
                }
                outcome = GetOutcome.FAILED;
            }
        }
        pull.endAll(outcome);
        return null;
    }

    private int blocks() {
        int blocks = 0;
        for (Outgoing connection : connections) {
            blocks += connection.blocks();
        }
        return blocks;
    }

    private Outgoing submit(Pull pull) {
        Outgoing least = null;
        for (Outgoing connection : connections) {
            if (least == null || connection.blocks() < least.blocks()) {
                least = connection;
            }
        }
        boolean another =
                least == null || (least.blocks() > 0 && connections.size() < limits.connections());
        if (!another && least.submit(pull)) {
            return least;
        }
        Outgoing fresh = connector.connection(this);
        connections.add(fresh);
        fresh.submit(pull);
        watch.add(fresh);
        fresh.start();
        return fresh;
    }

    private boolean isAvoided() {
        if (avoided && clock.nanos() >= avoidedUntil) {
            avoided = false;
        }
        return avoided;
    }

    synchronized PeerState state() {
        return new PeerState(rates.rates(), isAvoided(), connections.isEmpty() ? "" : path);
    }

    synchronized boolean isIdle() {
        return connections.isEmpty();
    }

    @Override
    public synchronized void connected(String by) {
        path = by;
        LOGGER.log(Level.DEBUG, "peer {0}: connected, {1}", address, by);
    }

    @Override
    public void refused(String why) {
        boolean first;
        synchronized (this) {
            first = !refusalTold;
            refusalTold = true;
        }
        if (first) {
            LOGGER.log(Level.WARNING, "peer {0} has no blocks for this member: {1}", address, why);
        }
    }

    @Override
    public void over(Pull pull) {
        if (pull.arrivedBytes() > 0) {
            rates.measured(pull.arrivedBytes(), pull.firstNanos(), pull.restNanos(clock.nanos()));
            boolean again;
            synchronized (this) {
                again = failures > 0;
                failures = 0;
                refusalTold = false;
            }
            if (again) {
                LOGGER.log(Level.INFO, "peer {0}: all is well again", address);
            }
        }
    }

    @Override
    public void ended(Outgoing connection, Exception failure) {
        watch.remove(connection);
        boolean first;
        synchronized (this) {
            connections.remove(connection);
            if (failure == null || closed) {
                return;
            }
            first = failures++ == 0;
            long pause = FIRST_PAUSE_NANOS << Math.min(failures - 1, MOST_DOUBLINGS);
            pause = Math.min(pause, LONGEST_PAUSE_NANOS);
            // Not all at once when a peer comes back.
            pause += (pause >> 2) * Math.floorMod(random.nextLong(), 1024) / 1024;
            avoidedUntil = clock.nanos() + pause;
            avoided = true;
        }
        if (first) {
            String why = String.valueOf(failure.getMessage());
            LOGGER.log(Level.WARNING, "peer {0}: {1}; avoided for a while", address, why);
        }
    }

    void close() {
        List<Outgoing> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(connections);
        }
        open.forEach(connection -> connection.close("the transport is closed"));
        open.forEach(Outgoing::join);
    }
}
