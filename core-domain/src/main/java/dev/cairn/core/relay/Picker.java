package dev.cairn.core.relay;

import dev.cairn.core.route.Bookings;
import dev.cairn.core.route.Decision;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.fleet.RoutingPolicy.Knowledge;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import dev.cairn.ports.relay.PromptBlocks;
import dev.cairn.ports.relay.ReadPrompt;
import dev.cairn.ports.relay.RelayQuestion;
import dev.cairn.ports.system.RandomSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Asks the policy. Engines that say nothing count in tokens that nobody here knows: a token is
 * taken for four bytes, a block for sixteen tokens.
 *
 * <p>Threads: one.
 */
final class Picker {

    private static final int BYTES_OF_TOKEN = 4;
    private static final int TOKENS_OF_BLOCK = 16;

    /** Blocks that policies which hash prefixes may look at. */
    private static final int HASHED_BLOCKS = 4;

    private static final PromptBlocks NO_PROMPT = new PromptBlocks();

    private static final double UNIT = 0x1p-53;

    private final RoutingPolicy policy;
    private final Bookings bookings;
    private final ByteBlockIndex index;
    private final ToldBlocks told;
    private PromptBlocks blocks = NO_PROMPT;
    private final long[] matched;
    private final double[] costs;
    private long ordinal;
    private boolean matches;

    Picker(RelayOptions options, Bookings bookings, EngineHoldings holdings) {
        this.policy = options.policy();
        this.bookings = bookings;
        this.index = new ByteBlockIndex(options.prefixPlaces(), options.mostWorkers());
        this.told = new ToldBlocks(holdings);
        this.matched = new long[options.mostWorkers()];
        this.costs = new double[options.mostWorkers()];
    }

    /**
     * What a request costs wherever it goes.
     *
     * @param question for the policy
     * @param blocks that its prompt takes
     * @param read the prompt, if it was
     */
    record Asked(RouteQuestion question, int blocks, ReadPrompt read) {}

    /**
     * @param uncached prompt tokens that are not known to be there
     */
    record Picked(Slot slot, Decision decision, int uncached) {

        long uncachedBytes() {
            return (long) uncached * BYTES_OF_TOKEN;
        }
    }

    /** Reads the prompt, once; {@link #pick} and {@link #sent} speak of it until the next one. */
    Asked read(RelayQuestion relayed) {
        int seed = relayed.model().hashCode();
        blocks = relayed.prompt();
        matches = policy.knowledge() != Knowledge.NOTHING;
        if (matches) {
            blocks.cut(seed);
            index.match(blocks, matched);
        } else {
            blocks.cutBeginning(seed);
        }
        ReadPrompt read = matches ? relayed.read() : ReadPrompt.NONE;
        told.read(read);
        int tokens = read.isKnown() ? Math.max(1, read.tokens()) : tokensOf(relayed.prompt());
        int blockTokens = read.isKnown() ? read.blockTokens() : TOKENS_OF_BLOCK;
        long turn = ordinal++;
        var question =
                new RouteQuestion(
                        relayed.model(),
                        tokens,
                        blockTokens,
                        hashes(),
                        relayed.session(),
                        turn,
                        RandomSource.mix(turn));
        return new Asked(question, Math.ceilDiv(tokens, blockTokens), read);
    }

    private static int tokensOf(PromptBlocks prompt) {
        return (int) Math.clamp(prompt.bytes() / BYTES_OF_TOKEN, 1, Integer.MAX_VALUE / 2);
    }

    /**
     * Another attempt at a request whose prompt was read some time ago: its bytes are gone, so it
     * goes by load and by what engines say.
     */
    void again(Asked asked) {
        blocks = NO_PROMPT;
        matches = false;
        told.read(asked.read());
    }

    private List<BlockHash> hashes() {
        int count = Math.min(HASHED_BLOCKS, blocks.count());
        if (count == 0) {
            return List.of();
        }
        List<BlockHash> hashes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            hashes.add(new BlockHash(0, 0, 0, blocks.key(i)));
        }
        return hashes;
    }

    /**
     * The cheapest of those who may have it.
     *
     * @return null if there is none
     */
    Picked pick(String request, Asked asked, List<Slot> slots, Predicate<Slot> may, long nanos) {
        List<Slot> able = able(asked, slots, may, nanos);
        if (able.isEmpty()) {
            return null;
        }
        List<Candidate> candidates = new ArrayList<>(able.size());
        for (Slot slot : able) {
            candidates.add(candidate(slot, asked));
        }
        policy.costs(asked.question(), candidates, costs);
        int chosen = cheapest(able.size(), asked.question().noise());
        Slot slot = able.get(chosen);
        int cached = cachedTokens(slot, asked);
        return new Picked(
                slot,
                new Decision(
                        request,
                        nanos,
                        policy,
                        asked.question(),
                        candidates,
                        chosen,
                        costs[chosen]),
                Math.max(1, asked.question().promptTokens() - cached));
    }

    /** Who is just back is left out now and then, unless nobody else is there. */
    private static List<Slot> able(Asked asked, List<Slot> slots, Predicate<Slot> may, long nanos) {
        List<Slot> able = new ArrayList<>(slots.size());
        Slot leftOut = null;
        for (Slot slot : slots) {
            if (slot.health.takes(nanos) && may.test(slot)) {
                double share = slot.health.share(nanos);
                if (share < 1 && draw(asked, slot) >= share) {
                    leftOut = slot;
                } else {
                    able.add(slot);
                }
            }
        }
        if (able.isEmpty() && leftOut != null) {
            able.add(leftOut);
        }
        return able;
    }

    private static double draw(Asked asked, Slot slot) {
        return (RandomSource.mix(asked.question().noise() + slot.number + 1) >>> 11) * UNIT;
    }

    private Candidate candidate(Slot slot, Asked asked) {
        LoadReport load = bookings.load(slot.number);
        int held = cachedTokens(slot, asked) / asked.question().blockTokens();
        if (held > 0) {
            Map<String, Integer> overlap =
                    told.knows(slot)
                            ? told.byTier(slot)
                            : Map.of("device", Math.min(held, asked.blocks()));
            return new Candidate(slot.worker.name(), load, overlap);
        }
        if (slot.idle == null || slot.idle.load() != load) {
            slot.idle = new Candidate(slot.worker.name(), load, Map.of());
        }
        return slot.idle;
    }

    /** Of the prompt, from its beginning: by the engine's word, or by what was sent there. */
    private int cachedTokens(Slot slot, Asked asked) {
        if (told.knows(slot)) {
            return told.blocks(slot) * asked.read().blockTokens();
        }
        return matches ? (int) (matched[slot.number] / BYTES_OF_TOKEN) : 0;
    }

    private int cheapest(int count, long noise) {
        int start = (int) Long.remainderUnsigned(noise, count);
        int best = start;
        for (int i = 1; i < count; i++) {
            int one = start + i < count ? start + i : start + i - count;
            if (costs[one] < costs[best]) {
                best = one;
            }
        }
        return best;
    }

    /**
     * The prompt that was read last goes there.
     *
     * @return to be run when the engine has computed it
     */
    Runnable sent(Slot slot, long nanos) {
        if (matches) {
            index.sent(slot.number, blocks);
        }
        return told.sent(slot, nanos);
    }

    /** What was sent there is lost, and what it said holds no more. */
    void forget(Slot slot) {
        index.forget(slot.number);
        told.forget(slot);
        told.holdings().follow(slot.number, slot.worker);
    }

    /** Its number is free. */
    void left(Slot slot) {
        told.forget(slot);
        told.holdings().leave(slot.number);
    }
}
