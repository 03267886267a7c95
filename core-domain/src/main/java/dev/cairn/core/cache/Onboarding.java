package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPlace;
import dev.cairn.core.block.BlockPool;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.system.Timers.Cancellation;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The fetch of one prefix: its blocks come from tiers into blocks of the device, and are found in
 * the prefix cache as they arrive. Requests that begin with the prefix wait until it is over; it is
 * over when all has arrived, when a block is not to be had, or when the time is up.
 *
 * <p>Where it comes in several waves of layers, the request that began it may compute what follows
 * the prefix behind a gate, as soon as that will hardly have to wait.
 *
 * <p>It holds the blocks of the device, those that were there and those that it fills, until the
 * requests that wait have begun.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class Onboarding {

    private final List<BlockPlace> kept;
    private final String salt;
    private final Waves waves;
    private final int tokens;
    private final double stepNanos;
    private final List<Piece> pieces = new ArrayList<>();
    private final List<Map<BlockHash, Integer>> blockOf = new ArrayList<>();
    private final Deque<Slices> toRead = new ArrayDeque<>();
    private final Map<Lane, Before> before = new LinkedHashMap<>();
    private final LayerGate gate = LayerGate.closed();
    private final int[] missingOfWave;

    private int[] sample;
    private long beganNanos;
    private long bytes;
    private long arrivedBytes;
    private int openWaves;
    private int inFlight;
    private long inFlightBytes;
    private int waiters = 1;
    private boolean over;
    private boolean released;
    private Cancellation deadline = () -> {};
    private Telemetry.Span span;

    /**
     * @param kept blocks of the device that it holds
     * @param salt of the tenant whose blocks these are
     * @param tokens of the prefix
     * @param stepNanos predicted time of the step that computes what follows
     */
    Onboarding(List<BlockPlace> kept, String salt, Waves waves, int tokens, double stepNanos) {
        this.kept = List.copyOf(kept);
        this.salt = salt;
        this.waves = waves;
        this.tokens = tokens;
        this.stepNanos = stepNanos;
        this.missingOfWave = new int[waves.count()];
        for (BlockPlace place : kept) {
            holds(place.group(), place.hash(), place.block());
        }
    }

    /** Whether waiting any longer gains nothing. */
    public boolean isOver() {
        return over;
    }

    /**
     * Whether the request that began it may begin behind the gate: what is missing, at the pace
     * seen so far, comes before the step gets there.
     */
    public boolean mayBegin(long nanos) {
        if (over || openWaves == 0 || gate.isBroken()) {
            return false;
        }
        double perByte = (double) (nanos - beganNanos) / arrivedBytes;
        return perByte * (bytes - arrivedBytes) <= stepNanos * (waves.count() - 1) / waves.count();
    }

    /** Opened as layers of the prefix arrive; broken if one will not. */
    public LayerGate gate() {
        return gate;
    }

    /** Tokens of the prefix. */
    public int tokens() {
        return tokens;
    }

    /** The block that holds, or will hold, what the hash stands for; or none. */
    public int blockOf(int group, BlockHash hash) {
        return group < blockOf.size()
                ? blockOf.get(group).getOrDefault(hash, BlockPool.NONE)
                : BlockPool.NONE;
    }

    private void holds(int group, BlockHash hash, int block) {
        while (blockOf.size() <= group) {
            blockOf.add(new HashMap<>());
        }
        blockOf.get(group).put(hash, block);
    }

    /** When everything has come, it is to be computed once more: these tokens. */
    void sample(int[] upToLastBlock) {
        sample = upToLastBlock;
    }

    /** What a canary is to compute, now that everything has come; null = nothing. */
    CanarySample sample() {
        return sample == null || !gate.isWhole() ? null : new CanarySample(sample, pieces);
    }

    /** Whether others wait for it than the request that began it. */
    public boolean isShared() {
        return waiters > 1;
    }

    String salt() {
        return salt;
    }

    Waves waves() {
        return waves;
    }

    List<BlockPlace> kept() {
        return kept;
    }

    List<Piece> pieces() {
        return pieces;
    }

    void add(Piece piece, long nanos) {
        pieces.add(piece);
        holds(piece.group(), piece.key.hash(), piece.block);
        before.computeIfAbsent(
                piece.lane,
                lane -> new Before(lane.busyNanos(nanos), lane.movedBytes(), piece.bytes));
    }

    /** Everything was added: reads are lined up, wave by wave. */
    void lineUp(List<LayerGroup> groups, long nanos) {
        beganNanos = nanos;
        for (int wave = 0; wave < waves.count(); wave++) {
            for (Piece piece : pieces) {
                LayerGroup group = groups.get(piece.group());
                int first = waves.firstOf(group, wave);
                int layers = waves.firstOf(group, wave + 1) - first;
                if (layers > 0) {
                    long part = layers * group.layout().sliceBytes();
                    toRead.add(new Slices(piece, wave, first, layers, part));
                    piece.opens();
                    piece.lane.promised(part);
                    bytes += part;
                    missingOfWave[wave]++;
                }
            }
        }
    }

    void deadline(Cancellation timer) {
        deadline = timer;
    }

    /** What is read next; there is something. */
    Slices peekToRead() {
        return toRead.element();
    }

    /** Takes it. */
    Slices nextToRead() {
        inFlight++;
        inFlightBytes += toRead.element().bytes;
        return toRead.remove();
    }

    boolean hasMoreToRead() {
        return !toRead.isEmpty();
    }

    /** Reads that began and have not ended, in the device or not. */
    int inFlight() {
        return inFlight;
    }

    /** Bytes of those. */
    long inFlightBytes() {
        return inFlightBytes;
    }

    /** A read that began has ended. */
    void readEnded(Slices slices) {
        inFlight--;
        inFlightBytes -= slices.bytes;
        slices.piece.closes();
    }

    /** A read that began has to begin once more. */
    void readAgain(Slices slices) {
        inFlight--;
        inFlightBytes -= slices.bytes;
        toRead.addFirst(slices);
    }

    /** Slices are in the device: the gate opens as far as nothing is missing. */
    void arrived(Slices slices) {
        arrivedBytes += slices.bytes;
        missingOfWave[slices.wave]--;
        while (openWaves < waves.count() && missingOfWave[openWaves] == 0) {
            openWaves++;
            if (openWaves == waves.count()) {
                gate.open();
            } else {
                gate.open(waves.end(openWaves - 1));
            }
        }
    }

    /** Nothing more is read; what has not come will not. */
    void stopReading() {
        for (Slices slices : toRead) {
            slices.piece.lane.withdrawn(slices.bytes);
            slices.piece.closes();
        }
        toRead.clear();
        gate.breakOpen();
    }

    /** Its span, ended with it. */
    void traced(Telemetry.Span begun) {
        span = begun;
        if (over) {
            endSpan();
        }
    }

    private void endSpan() {
        Map<String, Integer> blocks = new TreeMap<>();
        pieces.forEach(piece -> blocks.merge(piece.lane.name(), 1, Integer::sum));
        span.attribute("cairn.onboard.tokens", tokens)
                .attribute("cairn.onboard.bytes", bytes)
                .attribute("cairn.onboard.arrived_bytes", arrivedBytes)
                .attribute("cairn.onboard.blocks", blocks.toString())
                .attribute(
                        "cairn.onboard.outcome", arrivedBytes == bytes ? "complete" : "cut_short")
                .end();
    }

    /** Whoever waits goes on; teaches the tiers' rates what was seen. */
    void end(long nanos) {
        over = true;
        deadline.cancel();
        if (span != null) {
            endSpan();
        }
        before.forEach(
                (lane, then) -> {
                    long moved = lane.movedBytes() - then.movedBytes;
                    long busy = lane.busyNanos(nanos) - then.busyNanos;
                    // A tier that gave nothing in that time is at least so slow.
                    lane.saw(Math.max(then.pieceBytes, moved), busy);
                });
    }

    /** One more request waits for it. */
    void join() {
        waiters++;
    }

    /** One who waited does not any more. */
    void leave() {
        waiters--;
    }

    boolean isWanted() {
        return waiters > 0;
    }

    boolean isReleased() {
        return released;
    }

    /**
     * What it held is given back.
     *
     * @return false if that had happened before
     */
    boolean releases() {
        boolean first = !released;
        released = true;
        return first;
    }

    private record Before(long busyNanos, long movedBytes, long pieceBytes) {}
}
