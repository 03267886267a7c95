package dev.cairn.core.grammar;

import dev.cairn.core.testing.ByteCodec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Answers as a model without sense would give them: any allowed token, by chance. */
final class Walk {

    static final ByteCodec CODEC =
            new ByteCodec(
                    false,
                    "\"",
                    "\":",
                    "\": ",
                    "\",",
                    ", \"",
                    "{\"",
                    "\"}",
                    "\"]",
                    "[]",
                    "{}",
                    "},",
                    "true",
                    "null",
                    "alse",
                    "  ",
                    "\n ",
                    "12",
                    "007",
                    "0.",
                    "-1",
                    "e+",
                    "ab",
                    "abc",
                    "ba",
                    "cab",
                    "name",
                    "a\":",
                    "\"a\"",
                    "\\u00",
                    "\\\"",
                    "é",
                    "日本",
                    "\u00e9a",
                    "😀",
                    "id",
                    "\"id\": ",
                    "]}",
                    "}}",
                    "item",
                    "1,",
                    "aaaa");
    static final TokenTrie TRIE =
            new TokenTrie(CODEC, CODEC.vocabularySize() + 5, CODEC.endOfSequenceIds());

    private static final String CLOSERS = "\"}]";

    private Walk() {}

    static List<Integer> allowed(int[] mask) {
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < mask.length * 32; id++) {
            if ((mask[id >>> 5] >>> (id & 31) & 1) != 0) {
                ids.add(id);
            }
        }
        return ids;
    }

    /**
     * A whole answer.
     *
     * @param patience tokens after which the walk looks for an end
     * @return null if it found none in thirty times as many
     */
    static String answer(MaskSource source, SplittableRandom random, int patience) {
        Constraint constraint = source.begin();
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < patience * 30; i++) {
            List<Integer> allowed = allowed(constraint.mask());
            if (allowed.isEmpty()) {
                throw new AssertionError("stuck behind " + bytes.toString(StandardCharsets.UTF_8));
            }
            int token = allowed.get(random.nextInt(allowed.size()));
            if (i > patience) {
                token = towardsEnd(allowed, token);
            }
            if (!constraint.accept(token)) {
                throw new AssertionError("mask and accept differ about token " + token);
            }
            if (token == ByteCodec.END) {
                return bytes.toString(StandardCharsets.UTF_8);
            }
            bytes.writeBytes(CODEC.tokenBytes(token));
        }
        return null;
    }

    /** Whether an answer with the longest tokens first is allowed. */
    static boolean accepts(MaskSource source, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Constraint constraint = source.begin();
        int at = 0;
        while (at < bytes.length) {
            int token = longest(bytes, at);
            boolean inMask = allowed(constraint.mask()).contains(token);
            boolean accepted = constraint.accept(token);
            if (inMask != accepted) {
                throw new AssertionError("mask and accept differ at byte " + at + " of " + text);
            }
            if (!accepted) {
                return false;
            }
            at += CODEC.tokenBytes(token).length;
        }
        return constraint.canEnd();
    }

    private static int longest(byte[] bytes, int at) {
        int best = -1;
        for (int id = 2; id < CODEC.vocabularySize(); id++) {
            byte[] token = CODEC.tokenBytes(id);
            boolean fits =
                    at + token.length <= bytes.length
                            && java.util.Arrays.equals(
                                    bytes, at, at + token.length, token, 0, token.length);
            if (fits && (best < 0 || token.length > CODEC.tokenBytes(best).length)) {
                best = id;
            }
        }
        return best;
    }

    private static int towardsEnd(List<Integer> allowed, int otherwise) {
        if (allowed.contains(ByteCodec.END)) {
            return ByteCodec.END;
        }
        for (int i = 0; i < CLOSERS.length(); i++) {
            int closer = ByteCodec.FIRST_BYTE + CLOSERS.charAt(i);
            if (allowed.contains(closer)) {
                return closer;
            }
        }
        return otherwise;
    }
}
