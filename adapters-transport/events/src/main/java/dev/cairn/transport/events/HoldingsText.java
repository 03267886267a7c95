package dev.cairn.transport.events;

import dev.cairn.ports.cache.HeldDigest;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.cache.KvHoldings;
import java.util.ArrayList;
import java.util.List;

/**
 * Questions about what a worker holds and their answers, in MessagePack: {@code ["digests"]} gives
 * {@code ["digests", sequence, [[tier, blocks, [sum ...]] ...]]}, {@code ["keys", tier, range]}
 * gives {@code ["keys", sequence, tier, range, [key ...]]}.
 *
 * <p>Threads: any.
 */
final class HoldingsText {

    private static final String DIGESTS = "digests";
    private static final String KEYS = "keys";
    private static final int MOST_TEXT = 64;
    private static final int MOST_TIERS = 64;
    private static final int MOST_RANGES = 4096;

    private HoldingsText() {}

    /** What is asked. */
    sealed interface Question {

        record AllDigests() implements Question {}

        record KeysOf(String tier, int range) implements Question {}
    }

    static byte[] askDigests() {
        MsgpackWriter out = new MsgpackWriter();
        out.array(1);
        out.string(DIGESTS);
        return out.toBytes();
    }

    static byte[] askKeys(String tier, int range) {
        MsgpackWriter out = new MsgpackWriter();
        out.array(3);
        out.string(KEYS);
        out.string(tier);
        out.integer(range);
        return out.toBytes();
    }

    static Question question(byte[] text) {
        MsgpackReader in = new MsgpackReader(text);
        int fields = in.array();
        String kind = fields == 0 ? "" : in.string(MOST_TEXT);
        if (kind.equals(DIGESTS) && fields == 1) {
            return new Question.AllDigests();
        }
        if (kind.equals(KEYS) && fields == 3) {
            return new Question.KeysOf(in.string(MOST_TEXT), in.integer(0, MOST_RANGES));
        }
        throw new MalformedMessage("a question \"" + kind + "\" of " + fields + " fields");
    }

    static byte[] answer(KvHoldings.Digests digests) {
        MsgpackWriter out = new MsgpackWriter();
        out.array(3);
        out.string(DIGESTS);
        out.integer(digests.sequence());
        out.array(digests.tiers().size());
        for (HeldDigest tier : digests.tiers()) {
            out.array(3);
            out.string(tier.tier());
            out.integer(tier.blocks());
            out.array(tier.sums().size());
            tier.sums().forEach(out::integer);
        }
        return out.toBytes();
    }

    static byte[] answer(KvHoldings.Keys keys) {
        MsgpackWriter out = new MsgpackWriter();
        out.array(5);
        out.string(KEYS);
        out.integer(keys.sequence());
        out.string(keys.tier());
        out.integer(keys.range());
        out.array(keys.keys().length);
        for (long key : keys.keys()) {
            out.integer(key);
        }
        return out.toBytes();
    }

    /** Tells the listener what an answer says. */
    static void tell(byte[] answer, KvEventChannel.Listener listener) {
        MsgpackReader in = new MsgpackReader(answer);
        int fields = in.array();
        String kind = fields == 0 ? "" : in.string(MOST_TEXT);
        if (kind.equals(DIGESTS) && fields == 3) {
            listener.digests(new KvHoldings.Digests(in.integer(), tiers(in)));
        } else if (kind.equals(KEYS) && fields == 5) {
            listener.keys(
                    new KvHoldings.Keys(
                            in.integer(),
                            in.string(MOST_TEXT),
                            in.integer(0, MOST_RANGES),
                            longs(in, Integer.MAX_VALUE)));
        } else {
            throw new MalformedMessage("an answer \"" + kind + "\" of " + fields + " fields");
        }
    }

    private static List<HeldDigest> tiers(MsgpackReader in) {
        int count = in.array();
        if (count > MOST_TIERS) {
            throw new MalformedMessage(count + " tiers");
        }
        List<HeldDigest> tiers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (in.array() != 3) {
                throw new MalformedMessage("a digest that has not 3 fields");
            }
            String tier = in.string(MOST_TEXT);
            long blocks = in.integer();
            List<Long> sums = new ArrayList<>();
            for (long sum : longs(in, MOST_RANGES)) {
                sums.add(sum);
            }
            tiers.add(new HeldDigest(tier, blocks, sums));
        }
        return tiers;
    }

    private static long[] longs(MsgpackReader in, int most) {
        int count = in.array();
        if (count > most) {
            throw new MalformedMessage(count + " numbers");
        }
        long[] all = new long[count];
        for (int i = 0; i < count; i++) {
            all[i] = in.integer();
        }
        return all;
    }
}
