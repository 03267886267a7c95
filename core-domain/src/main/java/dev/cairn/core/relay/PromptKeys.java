package dev.cairn.core.relay;

import dev.cairn.core.route.PrefixIndex;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.relay.PromptBlocks;
import dev.cairn.ports.relay.ReadPrompt;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.system.RandomSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of a prompt's blocks, and never the same text encoded twice: a text is cut into byte
 * blocks, and what was found out up to the end of each is remembered. Of a text that begins as one
 * before did, only what follows is encoded, together with a few tokens before it, which show
 * whether the tokens meet; where they do not, the text is encoded as a whole.
 *
 * <p>Threads: one.
 */
final class PromptKeys {

    /** Bytes before a block's end in which tokens may depend on what follows. */
    private static final int MARGIN = 48;

    /** Tokens that are encoded again, so that the last of them are as they were. */
    private static final int OVERLAP = 24;

    /** Of those, how many must be the same. */
    private static final int SAME = 8;

    private final TextCodec codec;
    private final BlockHasher hasher = new BlockHasher();
    private final PromptBlocks cut = new PromptBlocks();
    private final Map<Long, Checkpoint> checkpoints;
    private final int[] beginning;
    private long encodedBytes;
    private long knownBytes;

    /**
     * @param mostCheckpoints some 400 bytes each, the oldest give way
     */
    PromptKeys(TextCodec codec, int mostCheckpoints) {
        this.codec = codec;
        this.beginning = beginning(codec);
        this.checkpoints =
                new LinkedHashMap<>(64, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Long, Checkpoint> eldest) {
                        return size() > mostCheckpoints;
                    }
                };
    }

    /** Tokens that the tokenizer puts before every text. */
    private static int[] beginning(TextCodec codec) {
        int[] bare = codec.encode("a", false);
        int[] whole = codec.encode("a", true);
        for (int before = 0; before + bare.length <= whole.length; before++) {
            if (Arrays.equals(whole, before, before + bare.length, bare, 0, bare.length)) {
                return Arrays.copyOf(whole, before);
            }
        }
        return new int[0];
    }

    /** Places in texts that are remembered. */
    int checkpoints() {
        return checkpoints.size();
    }

    /** Bytes of text that were encoded. */
    long encodedBytes() {
        return encodedBytes;
    }

    /** Bytes of text that were not, because they were known. */
    long knownBytes() {
        return knownBytes;
    }

    /**
     * Reads a prompt.
     *
     * @param salt of the first block, adapter included
     * @throws TextCodec.TemplateException if it cannot be rendered
     */
    ReadPrompt read(Prompt prompt, String salt, int blockTokens) {
        return switch (prompt) {
            case Prompt.TokenIds(var ids) -> {
                var chain = new Chain(null, salt, blockTokens);
                chain.add(ids, 0, ids.length);
                yield chain.toPrompt();
            }
            case Prompt.Text(var text, var special) -> read(text, special, salt, blockTokens);
            case Prompt.Chat(var conversation, var special) ->
                    read(codec.render(conversation), special, salt, blockTokens);
        };
    }

    private ReadPrompt read(String text, boolean special, String salt, int blockTokens) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        cut.over(bytes);
        cut.cut(RandomSource.mix(salt.hashCode() + (special ? 1L << 40 : 0)) + blockTokens);
        int known = cut.count();
        Checkpoint at = null;
        while (known > 0 && at == null) {
            at = checkpoints.get(cut.key(--known));
        }
        Encoded rest = at == null ? null : after(at, bytes);
        Chain chain;
        int from;
        if (rest == null) {
            at = null;
            known = -1;
            from = 0;
            rest = new Encoded(encode(text, bytes.length), 0);
            chain = new Chain(null, salt, blockTokens);
            if (special) {
                chain.add(beginning, 0, beginning.length);
            }
        } else {
            from = at.bytes;
            chain = new Chain(at, salt, blockTokens);
            knownBytes += from;
        }
        remember(bytes, from, rest, chain, known + 1);
        for (int i = known; i >= 0; i--) {
            // Beginnings are touched last, for without them nothing is found.
            checkpoints.get(cut.key(i));
        }
        return chain.toPrompt();
    }

    private int[] encode(String text, int bytes) {
        encodedBytes += bytes;
        return codec.encode(text, false);
    }

    /**
     * @param ids of the text
     * @param start the first that counts
     */
    private record Encoded(int[] ids, int start) {}

    /**
     * The tokens after a checkpoint.
     *
     * @return null if they do not meet those before it
     */
    private Encoded after(Checkpoint at, byte[] bytes) {
        int back = 0;
        int from = at.bytes;
        for (int i = at.recent.length - 1; i >= 0; i--) {
            from -= codec.tokenBytes(at.recent[i]).length;
            if (isBoundary(bytes, from)) {
                back = at.recent.length - i;
            }
        }
        from = at.bytes;
        for (int i = at.recent.length - back; i < at.recent.length; i++) {
            from -= codec.tokenBytes(at.recent[i]).length;
        }
        if (back < SAME || from < 0) {
            return null;
        }
        int length = bytes.length - from;
        int[] ids = encode(new String(bytes, from, length, StandardCharsets.UTF_8), length);
        long total = 0;
        for (int id : ids) {
            total += codec.tokenBytes(id).length;
        }
        // A tokenizer may put one space before every text.
        long reached = from - (total - length);
        int start = 0;
        while (start < ids.length && reached < at.bytes) {
            reached += codec.tokenBytes(ids[start++]).length;
        }
        boolean meets =
                reached == at.bytes
                        && start >= SAME
                        && Arrays.equals(
                                ids,
                                start - SAME,
                                start,
                                at.recent,
                                at.recent.length - SAME,
                                at.recent.length);
        return meets ? new Encoded(ids, start) : null;
    }

    private static boolean isBoundary(byte[] bytes, int at) {
        return at >= 0 && at < bytes.length && (bytes[at] & 0xc0) != 0x80;
    }

    /** Goes through the tokens and keeps a checkpoint for each byte block that is new. */
    private void remember(byte[] bytes, int from, Encoded encoded, Chain chain, int firstBlock) {
        int[] ids = encoded.ids;
        long total = from;
        for (int i = encoded.start; i < ids.length; i++) {
            total += codec.tokenBytes(ids[i]).length;
        }
        boolean fits = from > 0 ? total == bytes.length : Math.abs(total - bytes.length) <= 1;
        long reached = from > 0 ? from : from - (total - bytes.length);
        int taken = encoded.start;
        int at = encoded.start;
        List<Long> found = new ArrayList<>();
        List<Checkpoint> made = new ArrayList<>();
        for (int block = firstBlock; fits && block < cut.count(); block++) {
            long end = cut.end(block) - MARGIN;
            while (at < ids.length && reached + codec.tokenBytes(ids[at]).length <= end) {
                reached += codec.tokenBytes(ids[at++]).length;
            }
            if (at - OVERLAP >= 0 && at > taken && isBoundary(bytes, (int) reached)) {
                chain.add(ids, taken, at);
                taken = at;
                found.add(cut.key(block));
                made.add(
                        chain.checkpoint((int) reached, Arrays.copyOfRange(ids, at - OVERLAP, at)));
            }
        }
        chain.add(ids, taken, ids.length);
        for (int i = made.size() - 1; i >= 0; i--) {
            checkpoints.put(found.get(i), made.get(i));
        }
    }

    /**
     * What is known at a place in a text.
     *
     * @param before the one before, with the keys until there
     * @param added keys since then
     * @param last hash of the last whole block; null = none yet
     * @param tail tokens since then
     * @param tokens in all
     * @param bytes of text
     * @param recent the last tokens, as they were encoded
     */
    private record Checkpoint(
            Checkpoint before,
            long[] added,
            int keys,
            BlockHash last,
            int[] tail,
            int tokens,
            int bytes,
            int[] recent) {}

    /** Hashes tokens as they come. */
    private final class Chain {

        private final String salt;
        private final int blockTokens;
        private final int[] open;
        private Checkpoint before;
        private long[] added = new long[16];
        private int addedCount;
        private int keys;
        private BlockHash last;
        private int openCount;
        private int tokens;

        Chain(Checkpoint from, String salt, int blockTokens) {
            this.salt = salt;
            this.blockTokens = blockTokens;
            this.open = new int[blockTokens];
            this.before = from;
            if (from != null) {
                last = from.last;
                keys = from.keys;
                tokens = from.tokens;
                openCount = from.tail.length;
                System.arraycopy(from.tail, 0, open, 0, openCount);
            }
        }

        void add(int[] ids, int from, int to) {
            for (int i = from; i < to; i++) {
                open[openCount++] = ids[i];
                if (openCount == blockTokens) {
                    last =
                            last == null
                                    ? hasher.first(open, 0, blockTokens, salt)
                                    : hasher.next(last, open, 0, blockTokens);
                    if (addedCount == added.length) {
                        added = Arrays.copyOf(added, 2 * addedCount);
                    }
                    added[addedCount++] = PrefixIndex.key(last, 0);
                    keys++;
                    openCount = 0;
                }
            }
            tokens += to - from;
        }

        Checkpoint checkpoint(int bytes, int[] recent) {
            before =
                    new Checkpoint(
                            before,
                            Arrays.copyOf(added, addedCount),
                            keys,
                            last,
                            Arrays.copyOf(open, openCount),
                            tokens,
                            bytes,
                            recent);
            addedCount = 0;
            return before;
        }

        ReadPrompt toPrompt() {
            long[] all = new long[keys];
            int at = keys - addedCount;
            System.arraycopy(added, 0, all, at, addedCount);
            for (Checkpoint one = before; one != null; one = one.before) {
                at -= one.added.length;
                System.arraycopy(one.added, 0, all, at, one.added.length);
            }
            return new ReadPrompt(all, blockTokens, tokens);
        }
    }
}
