package dev.cairn.core.relay;

import dev.cairn.core.route.PrefixIndexOptions;
import dev.cairn.core.route.PrefixMatch;
import dev.cairn.core.route.RoutedPrefixes;
import dev.cairn.ports.relay.ReadPrompt;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What engines with events hold of a prompt, by what they say, and by what was sent to them and is
 * not computed yet. Threads: the desk's.
 */
final class ToldBlocks {

    private static final Runnable NOTHING = () -> {};

    /** Prompts on their way to a first token, in blocks. */
    private static final int MOST_ROUTED = 1 << 16;

    /** An engine that has not answered by then is believed to hold nothing of it. */
    private static final Duration ROUTED_COUNTS = Duration.ofMinutes(1);

    private final EngineHoldings holdings;
    private final List<String> tiers;
    private final PrefixMatch told;
    private final RoutedPrefixes routed;
    private final PrefixMatch routedMatch;
    private ReadPrompt prompt = ReadPrompt.NONE;

    ToldBlocks(EngineHoldings holdings) {
        this.holdings = holdings;
        PrefixIndexOptions options = holdings.index().options();
        this.tiers = options.tiers();
        this.told = holdings.index().newMatch();
        this.routed =
                new RoutedPrefixes(
                        new PrefixIndexOptions(
                                Math.min(MOST_ROUTED, options.mostBlocks()), options.mostWorkers()),
                        ROUTED_COUNTS.toNanos());
        this.routedMatch = routed.index().newMatch();
    }

    EngineHoldings holdings() {
        return holdings;
    }

    /** Looks a prompt up; what follows speaks of it until the next one. */
    void read(ReadPrompt next) {
        prompt = next;
        if (next.isKnown()) {
            holdings.index().match(next.keys(), next.keys().length, told);
            routed.index().match(next.keys(), next.keys().length, routedMatch);
        }
    }

    /** Whether what the engine holds of the prompt is known by its own word. */
    boolean knows(Slot slot) {
        return prompt.isKnown() && holdings.blockTokens(slot.number) == prompt.blockTokens();
    }

    /** Blocks of the prompt that it holds, from the first one on. */
    int blocks(Slot slot) {
        return Math.max(told.depth(slot.number), routedMatch.depth(slot.number));
    }

    /** The same by tier; what is on its way counts as the device's. */
    Map<String, Integer> byTier(Slot slot) {
        int depth = told.depth(slot.number);
        int coming = routedMatch.depth(slot.number) - depth;
        int device = told.blocks(slot.number, 0);
        if (device == depth) {
            return Map.of(tiers.getFirst(), Math.max(depth, depth + coming));
        }
        Map<String, Integer> byTier = new HashMap<>();
        for (int tier = 0; tier < tiers.size(); tier++) {
            int blocks = told.blocks(slot.number, tier) + (tier == 0 ? Math.max(0, coming) : 0);
            if (blocks > 0) {
                byTier.put(tiers.get(tier), blocks);
            }
        }
        return byTier;
    }

    /**
     * The prompt goes there.
     *
     * @return ends what that lets one expect, once the engine has said so itself
     */
    Runnable sent(Slot slot, long nanos) {
        return knows(slot) && prompt.keys().length > 0
                ? routed.routed(slot.number, prompt.keys(), prompt.keys().length, nanos)::forget
                : NOTHING;
    }

    /** The engine begins anew, or its number is another's. */
    void forget(Slot slot) {
        if (slot.number < routed.index().options().mostWorkers()) {
            routed.left(slot.number);
        }
    }
}
