package dev.cairn.distribution.incident;

import dev.cairn.core.route.PrefixIndexOptions;
import dev.cairn.core.route.RouterRecord;
import dev.cairn.core.route.RouterRecord.Held;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Records as bytes, big-endian: a byte for the kind, then the components in their order. Texts are
 * UTF-8 after their length, lists follow their size, both as an {@code int}; a double is its bits.
 * Stateless.
 */
final class RecordFormat {

    private static final int BEGINS = 1;
    private static final int JOINED = 2;
    private static final int LEFT = 3;
    private static final int TELLS = 4;
    private static final int REPORTED = 5;
    private static final int DECIDES_BY = 6;
    private static final int SENT = 7;
    private static final int BOOKS = 8;
    private static final int PICKED = 9;
    private static final int BOOKED = 10;
    private static final int FIRST_TOKEN = 11;
    private static final int RELEASED = 12;
    private static final int REPORTED_WITH_OTHERS = 13;

    private RecordFormat() {}

    static void write(RouterRecord record, DataOutputStream out) throws IOException {
        switch (record) {
            case RouterRecord.Begins begins -> write(begins, out);
            case RouterRecord.Joined(int worker, String name, long blocks) -> {
                out.writeByte(JOINED);
                out.writeInt(worker);
                text(name, out);
                out.writeLong(blocks);
            }
            case RouterRecord.Left(int worker) -> {
                out.writeByte(LEFT);
                out.writeInt(worker);
            }
            case RouterRecord.Tells(int worker, boolean what) -> {
                out.writeByte(TELLS);
                out.writeInt(worker);
                out.writeBoolean(what);
            }
            case RouterRecord.Reported(int worker, LoadReport load, OtherRouters others) -> {
                boolean alone = others.equals(OtherRouters.NONE);
                out.writeByte(alone ? REPORTED : REPORTED_WITH_OTHERS);
                out.writeInt(worker);
                write(load, out);
                if (!alone) {
                    write(others.booked(), out);
                    out.writeInt(others.place());
                    out.writeInt(others.routers());
                }
            }
            case RouterRecord.DecidesBy(String policy) -> {
                out.writeByte(DECIDES_BY);
                text(policy, out);
            }
            case RouterRecord.Sent(int worker, long[] keys, long until, long booking) -> {
                out.writeByte(SENT);
                out.writeInt(worker);
                longs(keys, out);
                out.writeLong(until);
                out.writeLong(booking);
            }
            case RouterRecord.Books books -> write(books, out);
            case RouterRecord.Picked picked -> write(picked, out);
            case RouterRecord.Booked(long booking, long pick, int tokens, long nanos) -> {
                out.writeByte(BOOKED);
                out.writeLong(booking);
                out.writeLong(pick);
                out.writeInt(tokens);
                out.writeLong(nanos);
            }
            case RouterRecord.FirstToken(long booking) -> {
                out.writeByte(FIRST_TOKEN);
                out.writeLong(booking);
            }
            case RouterRecord.Released(long booking) -> {
                out.writeByte(RELEASED);
                out.writeLong(booking);
            }
        }
    }

    private static void write(RouterRecord.Begins begins, DataOutputStream out) throws IOException {
        out.writeByte(BEGINS);
        out.writeInt(begins.options().mostBlocks());
        out.writeInt(begins.options().mostWorkers());
        out.writeInt(begins.options().tiers().size());
        for (String tier : begins.options().tiers()) {
            text(tier, out);
        }
        text(begins.policy(), out);
        out.writeLong(begins.nanos());
    }

    private static void write(RouterRecord.Books books, DataOutputStream out) throws IOException {
        out.writeByte(BOOKS);
        out.writeLong(books.booking());
        out.writeInt(books.worker());
        out.writeInt(books.uncachedTokens());
        out.writeInt(books.sequenceBlocks());
        out.writeBoolean(books.isReading());
        out.writeBoolean(books.passes());
    }

    private static void write(RouterRecord.Picked picked, DataOutputStream out) throws IOException {
        out.writeByte(PICKED);
        out.writeLong(picked.pick());
        text(picked.request(), out);
        out.writeLong(picked.nanos());
        RouteQuestion question = picked.question();
        text(question.model(), out);
        out.writeInt(question.promptTokens());
        out.writeInt(question.blockTokens());
        out.writeInt(question.blockHashes().size());
        for (BlockHash hash : question.blockHashes()) {
            out.write(hash.bytes());
        }
        text(question.session(), out);
        out.writeLong(question.ordinal());
        out.writeLong(question.noise());
        longs(picked.keys(), out);
        out.writeInt(picked.mayServe().length);
        for (int worker : picked.mayServe()) {
            out.writeInt(worker);
        }
        out.writeInt(picked.held().size());
        for (Held held : picked.held()) {
            out.writeInt(held.worker());
            out.writeInt(held.blocks().length);
            for (int blocks : held.blocks()) {
                out.writeInt(blocks);
            }
        }
        out.writeInt(picked.picked());
        out.writeLong(Double.doubleToRawLongBits(picked.cost()));
        out.writeInt(picked.cachedTokens());
    }

    private static void write(LoadReport load, DataOutputStream out) throws IOException {
        out.writeInt(load.running());
        out.writeInt(load.waiting());
        out.writeLong(load.usedBlocks());
        out.writeLong(load.totalBlocks());
        out.writeLong(load.waitingPrefillTokens());
    }

    private static OtherRouters others(DataInputStream in) throws IOException {
        LoadReport booked = load(in);
        int place = in.readInt();
        int routers = in.readInt();
        if (place < 0 || place >= routers) {
            throw new IOException("a router's place is " + place + " of " + routers);
        }
        return new OtherRouters(booked, place, routers);
    }

    private static LoadReport load(DataInputStream in) throws IOException {
        return new LoadReport(
                in.readInt(), in.readInt(), in.readLong(), in.readLong(), in.readLong());
    }

    /**
     * @throws IOException if it is no record; nothing is allocated beyond what is there
     */
    static RouterRecord read(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case BEGINS -> readBegins(in);
            case JOINED -> new RouterRecord.Joined(in.readInt(), text(in), in.readLong());
            case LEFT -> new RouterRecord.Left(in.readInt());
            case TELLS -> new RouterRecord.Tells(in.readInt(), in.readBoolean());
            case REPORTED -> new RouterRecord.Reported(in.readInt(), load(in), OtherRouters.NONE);
            case REPORTED_WITH_OTHERS ->
                    new RouterRecord.Reported(in.readInt(), load(in), others(in));
            case DECIDES_BY -> new RouterRecord.DecidesBy(text(in));
            case SENT ->
                    new RouterRecord.Sent(in.readInt(), longs(in), in.readLong(), in.readLong());
            case BOOKS ->
                    new RouterRecord.Books(
                            in.readLong(),
                            in.readInt(),
                            in.readInt(),
                            in.readInt(),
                            in.readBoolean(),
                            in.readBoolean());
            case PICKED -> readPicked(in);
            case BOOKED ->
                    new RouterRecord.Booked(
                            in.readLong(), in.readLong(), in.readInt(), in.readLong());
            case FIRST_TOKEN -> new RouterRecord.FirstToken(in.readLong());
            case RELEASED -> new RouterRecord.Released(in.readLong());
            default -> throw new IOException("there is no record of kind " + kind);
        };
    }

    private static RouterRecord readBegins(DataInputStream in) throws IOException {
        int blocks = in.readInt();
        int workers = in.readInt();
        List<String> tiers = new ArrayList<>();
        for (int count = size(in, 4); count > 0; count--) {
            tiers.add(text(in));
        }
        return new RouterRecord.Begins(
                new PrefixIndexOptions(blocks, workers, tiers), text(in), in.readLong());
    }

    private static RouterRecord readPicked(DataInputStream in) throws IOException {
        long pick = in.readLong();
        String request = text(in);
        long nanos = in.readLong();
        String model = text(in);
        int promptTokens = in.readInt();
        int blockTokens = in.readInt();
        List<BlockHash> hashes = new ArrayList<>();
        for (int count = size(in, 32); count > 0; count--) {
            hashes.add(BlockHash.of(in.readNBytes(32)));
        }
        var question =
                new RouteQuestion(
                        model,
                        promptTokens,
                        blockTokens,
                        hashes,
                        text(in),
                        in.readLong(),
                        in.readLong());
        long[] keys = longs(in);
        int[] mayServe = ints(in);
        List<Held> held = new ArrayList<>();
        for (int count = size(in, 8); count > 0; count--) {
            held.add(new Held(in.readInt(), ints(in)));
        }
        return new RouterRecord.Picked(
                pick,
                request,
                nanos,
                question,
                keys,
                mayServe,
                held,
                in.readInt(),
                Double.longBitsToDouble(in.readLong()),
                in.readInt());
    }

    private static void text(String text, DataOutputStream out) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(size(in, 1)), StandardCharsets.UTF_8);
    }

    private static void longs(long[] values, DataOutputStream out) throws IOException {
        out.writeInt(values.length);
        for (long value : values) {
            out.writeLong(value);
        }
    }

    private static long[] longs(DataInputStream in) throws IOException {
        long[] values = new long[size(in, Long.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readLong();
        }
        return values;
    }

    private static int[] ints(DataInputStream in) throws IOException {
        int[] values = new int[size(in, Integer.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readInt();
        }
        return values;
    }

    /** A size that the rest of the record has room for. */
    private static int size(DataInputStream in, int bytesEach) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > in.available() / bytesEach) {
            throw new IOException("a list of " + size + " does not fit into its record");
        }
        return size;
    }
}
