package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier.GetOutcomes;
import dev.cairn.ports.engine.BlockPort;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Asks tiers and peers for slices, and settles which of them are told of together, and whether
 * whoever receives them copies them into the device.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Reads {

    /** A turn for each would take longer than copying small ones. */
    static final int TOGETHER = 8;

    /** Of larger ones, fewer go together: copying begins when the last of them has come. */
    private static final long TOGETHER_BYTES = 1 << 20;

    private final TierKeys keys;
    private final BlockPort blocks;
    private final Consumer<CacheEvent> mailbox;

    Reads(TierKeys keys, BlockPort blocks, Consumer<CacheEvent> mailbox) {
        this.keys = keys;
        this.blocks = blocks;
        this.mailbox = mailbox;
    }

    /** All of them lie there and have staging memory. */
    void read(Lane lane, List<Slices> all) {
        List<BlockRead> reads = new ArrayList<>(all.size());
        GetOutcomes[] told = new GetOutcomes[all.size()];
        int[] places = new int[all.size()];
        int from = 0;
        while (from < all.size()) {
            int to = Math.min(from + together(all.get(from)), all.size());
            GetOutcomes batch = batch(lane, all.subList(from, to));
            for (int i = from; i < to; i++) {
                told[i] = batch;
                places[i] = i - from;
                reads.add(readOf(all.get(i)));
            }
            from = to;
        }
        lane.get(reads, (block, outcome) -> told[block].ended(places[block], outcome));
    }

    /** Who hears what becomes of them. */
    private GetOutcomes batch(Lane lane, List<Slices> together) {
        boolean straight =
                lane.goesStraight()
                        && blocks.restoresHere()
                        && together.stream().allMatch(slices -> slices.piece.hasPlace());
        if (!straight) {
            return new ReadBatch(together, mailbox)::ended;
        }
        together.forEach(slices -> slices.piece.straight.add(slices));
        return new StraightBatch(together, blocks, mailbox)::ended;
    }

    /** Whole blocks are told of one by one: those before one that is late are of use. */
    private static int together(Slices first) {
        if (!first.piece.onboarding.waves().areMany()) {
            return 1;
        }
        return Math.clamp(TOGETHER_BYTES / first.bytes, 1, TOGETHER);
    }

    private BlockRead readOf(Slices slices) {
        Piece piece = slices.piece;
        slices.read =
                new BlockRead(
                        piece.key,
                        keys.layout(piece.group()),
                        slices.firstLayer,
                        slices.layers,
                        slices.lease);
        return slices.read;
    }
}
