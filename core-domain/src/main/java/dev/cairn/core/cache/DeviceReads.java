package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPool;
import dev.cairn.core.block.PrefixCache;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.system.Completion;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Copies blocks out of the device for peers. Copies go between steps, so no more than two are under
 * way: a step is never later by more than those take.
 *
 * <p>Threads: {@link #read} any; the rest its mailbox.
 */
final class DeviceReads implements DeviceBlocks {

    private static final int AT_ONCE = 2;

    /** Asked and not answered; beyond it the device is busy. */
    private static final int MOST_ASKED = 64;

    private final TierKeys keys;
    private final BlockPort blocks;
    private final PrefixCache device;
    private final Consumer<CacheEvent> mailbox;
    private final AtomicInteger asked = new AtomicInteger();
    private final Deque<DeviceRead> waiting = new ArrayDeque<>();
    private int copying;
    private volatile boolean closed;

    DeviceReads(TierKeys keys, BlockPort blocks, PrefixCache device, Consumer<CacheEvent> mailbox) {
        this.keys = keys;
        this.blocks = blocks;
        this.device = device;
        this.mailbox = mailbox;
    }

    @Override
    public void read(BlockRead read, Completion<GetOutcome> outcome) {
        if (closed) {
            outcome.completed(GetOutcome.ABSENT);
        } else if (asked.incrementAndGet() > MOST_ASKED) {
            asked.decrementAndGet();
            outcome.completed(GetOutcome.BUSY);
        } else {
            mailbox.accept(new CacheEvent.DeviceWanted(new DeviceRead(read, outcome)));
        }
    }

    void wanted(DeviceRead read) {
        waiting.add(read);
        copySome();
    }

    private void copySome() {
        while (!waiting.isEmpty() && (copying < AT_ONCE || closed)) {
            DeviceRead next = waiting.remove();
            int block = closed ? BlockPool.NONE : find(next.read());
            if (block == BlockPool.NONE) {
                answer(next, GetOutcome.ABSENT);
            } else {
                copy(next, block);
            }
        }
    }

    private int find(BlockRead read) {
        BlockKey key = read.key();
        boolean ours =
                key.group() < keys.groups().size()
                        && key.equals(keys.key(key.group(), key.hash()))
                        && read.layout().equals(keys.layout(key.group()))
                        && read.layers() == read.layout().layers();
        return ours ? device.find(key.group(), key.hash()) : BlockPool.NONE;
    }

    private void copy(DeviceRead read, int block) {
        copying++;
        device.retain(read.group(), block);
        blocks.export(
                read.group(),
                block,
                0,
                read.read().layers(),
                read.read().target(),
                new Completion<>() {
                    @Override
                    public void completed(Void nothing) {
                        BlockBytes left =
                                BlockBytes.leaving(read.read().layout(), read.read().target());
                        System.arraycopy(
                                left.sliceChecksums(),
                                0,
                                read.read().sliceChecksums(),
                                0,
                                read.read().layers());
                        copied(GetOutcome.FOUND);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        copied(GetOutcome.FAILED);
                    }

                    /** Answered here: a mailbox that closes meanwhile would keep it to itself. */
                    private void copied(GetOutcome outcome) {
                        answer(read, outcome);
                        mailbox.accept(new CacheEvent.DeviceCopied(read.group(), block));
                    }
                });
    }

    private void answer(DeviceRead read, GetOutcome outcome) {
        asked.decrementAndGet();
        read.ends(outcome);
    }

    void copied(int group, int block) {
        copying--;
        device.release(group, block);
        copySome();
    }

    /** Whether blocks are held that come back soon. */
    boolean isCopying() {
        return copying > 0;
    }

    /** Nothing is read any more. Threads: any. */
    void refuse() {
        closed = true;
    }

    /** Who waits hears that. */
    void close() {
        refuse();
        copySome();
    }
}
