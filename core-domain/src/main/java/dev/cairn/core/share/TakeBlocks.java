package dev.cairn.core.share;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.core.share.Consignment.Offered;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Takes blocks over from another member: pulls them through the transport, verified there, and puts
 * them into this process's fastest tier. What it holds already is not pulled.
 *
 * <p>It takes what there is room for, and lets a quarter of the tier go for blocks of one member:
 * those were used there lately, and the ones that leave here were not.
 *
 * <p>Threads: {@link #take} any; the rest in the turns of its mailbox.
 */
public final class TakeBlocks {

    /** The command's name. */
    public static final String COMMAND = "cairn.blocks.take";

    private static final int DISPLACED_SHARE = 4;
    private static final int MOST_MEMBERS = 256;

    private final BlockTier into;
    private final Membership membership;
    private final BlockTransport transport;
    private final MemoryLease.Source staging;
    private final Mailbox<Event> mailbox;
    private final Telemetry.Counter taken;
    private final Deque<Piece> queue = new ArrayDeque<>();
    private final Map<String, Long> displaced = new LinkedHashMap<>();

    /**
     * @param into the tier that gets them
     * @param staging for blocks on their way; bounds them
     */
    public TakeBlocks(
            BlockTier into,
            Membership membership,
            BlockTransport transport,
            MemoryLease.Source staging,
            MailboxDriver driver,
            Telemetry telemetry) {
        this.into = into;
        this.membership = membership;
        this.transport = transport;
        this.staging = staging;
        this.mailbox = driver.open("take-blocks", this::turn);
        this.taken =
                telemetry.counter(
                        "cairn:peer_taken_blocks_total",
                        "Blocks that another member handed over to this one, by outcome",
                        List.of("outcome"));
    }

    /** What became of a block. */
    enum Fate {
        /** It is here now. */
        TAKEN('t'),
        /** It was here. */
        HELD('h'),
        NO_ROOM('r'),
        FAILED('f');

        private final char letter;

        Fate(char letter) {
            this.letter = letter;
        }

        static Fate of(char letter) {
            for (Fate fate : values()) {
                if (fate.letter == letter) {
                    return fate;
                }
            }
            return FAILED;
        }
    }

    /**
     * @param consignment what to take, as {@code HandOver} and {@code MoveBlocks} write it
     * @param done hears {@code {"blocks": "thrf..."}}, a letter per block in the order of the
     *     command; or {@link IllegalArgumentException} if that is no batch of blocks, or nobody
     *     here knows the member
     */
    public void take(JsonValue consignment, Completion<JsonValue> done) {
        take(consignment, this::addressOf, done);
    }

    /** The same from somebody who is no member: he names himself by his transport's address. */
    public void takeFromAddress(JsonValue consignment, Completion<JsonValue> done) {
        take(consignment, address -> address, done);
    }

    private void take(
            JsonValue consignment, UnaryOperator<String> addresses, Completion<JsonValue> done) {
        Taking taking;
        try {
            Consignment read = Consignment.of(consignment);
            taking = new Taking(read, addresses.apply(read.from()), done);
        } catch (IllegalArgumentException wrong) {
            done.failed(wrong);
            return;
        }
        mailbox.post(new Event.Asked(taking));
    }

    private String addressOf(String member) {
        return membership.members().stream()
                .filter(each -> each.id().equals(member))
                .map(Member::transferAddresses)
                .map(addresses -> addresses.get(transport.name()))
                .filter(address -> address != null)
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "no member %s can be pulled from here".formatted(member)));
    }

    private void turn(Event event, long nanos) {
        switch (event) {
            case Event.Asked(var taking) -> begin(taking);
            case Event.Pulled(var piece, var outcome) -> pulled(piece, outcome);
            case Event.Stored(var piece, var outcome) -> stored(piece, outcome);
        }
        pullOn();
    }

    private void begin(Taking taking) {
        for (int i = 0; i < taking.fates.length; i++) {
            queue.add(new Piece(taking, i));
        }
        if (taking.fates.length == 0) {
            taking.answer();
        }
    }

    private void pullOn() {
        Map<Taking, List<Piece>> batches = new LinkedHashMap<>();
        while (!queue.isEmpty()) {
            Piece piece = queue.element();
            Fate known = knownFateOf(piece);
            if (known == null) {
                piece.lease = staging.tryLease(piece.offered().bytes());
                if (piece.lease == null && staging.available() < staging.capacity()) {
                    break;
                }
                known = piece.lease == null ? Fate.FAILED : null;
            }
            queue.remove();
            if (known != null) {
                end(piece, known);
            } else {
                countDisplaced(piece);
                batches.computeIfAbsent(piece.taking, _ -> new ArrayList<>()).add(piece);
            }
        }
        batches.forEach(this::pull);
    }

    private Fate knownFateOf(Piece piece) {
        if (piece.taking.sourceFailed) {
            return Fate.FAILED;
        }
        if (into.contains(piece.offered().key())) {
            return Fate.HELD;
        }
        return hasRoomFor(piece) ? null : Fate.NO_ROOM;
    }

    private boolean hasRoomFor(Piece piece) {
        return fitsBeside(piece, 0)
                || displacedBy(piece) + piece.offered().bytes()
                        <= into.capacityBytes() / DISPLACED_SHARE;
    }

    /** Whether it fits without another block's leaving. */
    private boolean fitsBeside(Piece piece, long alreadyStaged) {
        long coming = staging.capacity() - staging.available() - alreadyStaged;
        return into.usedBytes() + coming + piece.offered().bytes() <= into.capacityBytes();
    }

    private long displacedBy(Piece piece) {
        return displaced.getOrDefault(piece.taking.consignment.from(), 0L);
    }

    private void countDisplaced(Piece piece) {
        long bytes = piece.offered().bytes();
        if (!fitsBeside(piece, bytes)) {
            displaced.put(piece.taking.consignment.from(), displacedBy(piece) + bytes);
            if (displaced.size() > MOST_MEMBERS) {
                displaced.remove(displaced.keySet().iterator().next());
            }
        }
    }

    private void pull(Taking taking, List<Piece> pieces) {
        List<BlockRead> reads = new ArrayList<>(pieces.size());
        for (Piece piece : pieces) {
            piece.read =
                    new BlockRead(piece.offered().key(), piece.offered().layout(), piece.lease);
            reads.add(piece.read);
        }
        transport.pull(
                taking.address,
                reads,
                (block, outcome) -> mailbox.post(new Event.Pulled(pieces.get(block), outcome)));
    }

    private void pulled(Piece piece, GetOutcome outcome) {
        switch (outcome) {
            case FOUND -> store(piece);
            case ABSENT, DAMAGED, BUSY -> giveUp(piece);
            case FAILED, REFUSED -> {
                // What else is queued of it would only wait as long again.
                piece.taking.sourceFailed = true;
                giveUp(piece);
            }
        }
    }

    private void giveUp(Piece piece) {
        piece.lease.close();
        end(piece, Fate.FAILED);
    }

    private void store(Piece piece) {
        Offered block = piece.offered();
        into.put(
                List.of(
                        new BlockWrite(
                                block.key(),
                                new BlockBytes(
                                        block.layout(), piece.lease, piece.read.sliceChecksums()),
                                block.tenant())),
                (_, outcome) -> mailbox.post(new Event.Stored(piece, outcome)));
    }

    private void stored(Piece piece, PutOutcome outcome) {
        piece.lease.close();
        end(
                piece,
                switch (outcome) {
                    case STORED -> Fate.TAKEN;
                    case PRESENT -> Fate.HELD;
                    case FULL, QUOTA -> Fate.NO_ROOM;
                    case BUSY, READ_ONLY, FAILED -> Fate.FAILED;
                });
    }

    private void end(Piece piece, Fate fate) {
        taken.add(1, fate.name().toLowerCase(Locale.ROOT));
        Taking taking = piece.taking;
        taking.fates[piece.index] = fate.letter;
        if (--taking.open == 0) {
            taking.answer();
        }
    }

    /** Takes nothing more. */
    public void close() {
        mailbox.close();
    }

    /** One command that is being carried out. */
    private static final class Taking {

        private final Consignment consignment;
        private final String address;
        private final Completion<JsonValue> done;
        private final char[] fates;
        private int open;
        private boolean sourceFailed;

        Taking(Consignment consignment, String address, Completion<JsonValue> done) {
            this.consignment = consignment;
            this.address = address;
            this.done = done;
            this.fates = new char[consignment.blocks().size()];
            this.open = fates.length;
        }

        void answer() {
            done.completed(JsonValue.JsonObject.builder().put("blocks", new String(fates)).build());
        }
    }

    private static final class Piece {

        private final Taking taking;
        private final int index;
        private MemoryLease lease;
        private BlockRead read;

        Piece(Taking taking, int index) {
            this.taking = taking;
            this.index = index;
        }

        Offered offered() {
            return taking.consignment.blocks().get(index);
        }
    }

    private sealed interface Event {

        record Asked(Taking taking) implements Event {}

        record Pulled(Piece piece, GetOutcome outcome) implements Event {}

        record Stored(Piece piece, PutOutcome outcome) implements Event {}
    }
}
