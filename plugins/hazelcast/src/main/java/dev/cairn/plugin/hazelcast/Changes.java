package dev.cairn.plugin.hazelcast;

import java.util.List;

/**
 * Blocks that came to a member or left it, in order.
 *
 * @param tiers names, by the number that {@code whats} has
 * @param highs first half of each block's digest
 * @param lows second half
 * @param whats tier, plus {@link #GONE} if the block left it
 */
record Changes(List<String> tiers, long[] highs, long[] lows, byte[] whats) {

    static final int GONE = 0x80;

    private static final int TIER = GONE - 1;
    static final int MOST = 1 << 16;
    static final int BYTES_EACH = 2 * Long.BYTES + 1;

    int count() {
        return highs.length;
    }

    void writeTo(ByteWriter writer) {
        writer.texts(tiers).number(highs.length);
        for (int i = 0; i < highs.length; i++) {
            writer.number(highs[i]).number(lows[i]).one(whats[i]);
        }
    }

    static Changes readFrom(ByteReader reader) {
        List<String> tiers = reader.texts(TierNames.LONGEST);
        int count = reader.count(BYTES_EACH);
        if (count > MOST) {
            throw new MalformedMessage(count + " changes at once");
        }
        long[] highs = new long[count];
        long[] lows = new long[count];
        byte[] whats = new byte[count];
        for (int i = 0; i < count; i++) {
            highs[i] = reader.longNumber();
            lows[i] = reader.longNumber();
            whats[i] = (byte) reader.one();
            if (highs[i] == 0 || (whats[i] & TIER) >= tiers.size()) {
                throw new MalformedMessage("a change that says nothing");
            }
        }
        return new Changes(tiers, highs, lows, whats);
    }

    int tier(int index) {
        return whats[index] & TIER;
    }

    boolean gone(int index) {
        return (whats[index] & GONE) != 0;
    }
}
