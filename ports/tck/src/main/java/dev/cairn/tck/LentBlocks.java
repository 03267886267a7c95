package dev.cairn.tck;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockKind;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTransport.BlockSource;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A member's blocks, made from their numbers, so that every test knows what any of them must hold;
 * counts what is lent and not given back.
 *
 * <p>Threads: any.
 */
public class LentBlocks implements BlockSource, AutoCloseable {

    /** 64 KiB a block. */
    public static final KvLayout LAYOUT = new KvLayout(4, 16, 4, 32, KvType.FLOAT32);

    public static final BlockKind KIND =
            new BlockKind("tck", new ComputeIdentity("tck/1"), 0, LAYOUT);

    /** A second one, as a model with window layers has. */
    public static final BlockKind WINDOW =
            new BlockKind("tck", new ComputeIdentity("tck/1"), 1, LAYOUT);

    private final List<BlockKind> kinds;
    private final Map<BlockKey, BlockBytes> blocks = new ConcurrentHashMap<>();
    private final List<OwnLease> memory = new ArrayList<>();
    private final AtomicInteger lent = new AtomicInteger();

    public LentBlocks() {
        this(List.of(KIND, WINDOW));
    }

    public LentBlocks(List<BlockKind> kinds) {
        this.kinds = List.copyOf(kinds);
    }

    /** Holds the block of that number from now on. */
    public synchronized void add(BlockKind kind, int number) {
        OwnLease lease = OwnLease.native64(kind.layout().blockBytes());
        memory.add(lease);
        lease.segment().copyFrom(MemorySegment.ofArray(bytes(kind, number)));
        blocks.put(key(kind, number), BlockBytes.leaving(kind.layout(), lease));
    }

    /** Flips a bit of a checksum, as if the bytes had changed since it was made. */
    public void damage(BlockKind kind, int number, int layer) {
        blocks.get(key(kind, number)).sliceChecksums()[layer] ^= 1;
    }

    /** Leases that were not given back. */
    public int lent() {
        return lent.get();
    }

    @Override
    public List<BlockKind> kinds() {
        return kinds;
    }

    @Override
    public void lend(
            BlockKey key, KvLayout layout, Duration atMost, Completion<Optional<BlockBytes>> done) {
        done.completed(loan(key));
    }

    /** The block, counted until it comes back. */
    protected final Optional<BlockBytes> loan(BlockKey key) {
        BlockBytes block = blocks.get(key);
        if (block == null) {
            return Optional.empty();
        }
        lent.incrementAndGet();
        var counted = new Counted(block.bytes().segment());
        return Optional.of(new BlockBytes(block.layout(), counted, block.sliceChecksums()));
    }

    /** What a reader of the block passes; its target is the caller's to close. */
    public static BlockRead read(BlockKind kind, int number) {
        OwnLease target = OwnLease.native64(kind.layout().blockBytes());
        return new BlockRead(key(kind, number), kind.layout(), target);
    }

    public static byte[] contentOf(BlockRead read) {
        return read.target().segment().toArray(ValueLayout.JAVA_BYTE);
    }

    public static BlockKey key(BlockKind kind, int number) {
        var hash = new BlockHash(number, ~number, 17L * number, kind.group());
        return new BlockKey(kind.model(), kind.identity(), kind.group(), hash);
    }

    public static byte[] bytes(BlockKind kind, int number) {
        byte[] bytes = new byte[(int) kind.layout().blockBytes()];
        new Random(number * 31L + kind.group()).nextBytes(bytes);
        return bytes;
    }

    @Override
    public synchronized void close() {
        memory.forEach(OwnLease::close);
        memory.clear();
        blocks.clear();
    }

    private final class Counted implements MemoryLease {

        private final MemorySegment segment;
        private boolean closed;

        Counted(MemorySegment segment) {
            this.segment = segment;
        }

        @Override
        public MemorySegment segment() {
            return segment;
        }

        @Override
        public synchronized void close() {
            if (closed) {
                throw new IllegalStateException("the block was given back twice");
            }
            closed = true;
            lent.decrementAndGet();
        }
    }
}
