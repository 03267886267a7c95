package dev.cairn.core.sample;

import dev.cairn.ports.request.GenerationRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which tokens one choice may take next: {@code allowed_token_ids}, {@code bad_words}, and no end
 * before {@code min_tokens}.
 *
 * <p>A mask has one bit per token id, bit {@code id & 31} of word {@code id >>> 5}, set = allowed.
 * Where the constraints together leave nothing, {@code bad_words} and {@code min_tokens} give way:
 * a choice must be possible.
 *
 * <p>Threads: one mailbox owns it; a mask is read by the runner until its step is reported.
 */
public final class TokenConstraints {

    private final int vocabulary;
    private final int[] allowed;
    private final List<int[]> badWords = new ArrayList<>();
    private final int[] endings;
    private final int minTokens;

    /** By how many guesses come before: masks of one step are read together. */
    private int[][] masks = new int[1][];

    private int[] mask;

    /**
     * @param vocabulary width of the logits; ids of the request are below it
     */
    public TokenConstraints(GenerationRequest request, int vocabulary) {
        this.vocabulary = vocabulary;
        this.allowed = request.allowedTokenIds().isEmpty() ? null : only(request.allowedTokenIds());
        for (List<Integer> word : request.badWords()) {
            badWords.add(word.stream().mapToInt(Integer::intValue).toArray());
        }
        List<Integer> ends = new ArrayList<>(request.stop().endOfSequenceIds());
        ends.addAll(request.stop().tokenIds());
        this.endings = ends.stream().mapToInt(Integer::intValue).toArray();
        this.minTokens = request.stop().minTokens();
    }

    /** The mask for the next token, with no guess before it; see below. */
    public int[] next(int[] tokens, int answerFrom, int length) {
        return next(tokens, answerFrom, length, 0);
    }

    /**
     * The mask for the next token, or null where every token is allowed.
     *
     * @param tokens of the sequence, and guesses
     * @param answerFrom where the answer begins in them
     * @param length how many there are, guesses included
     * @param ahead how many of them are guesses
     * @return good until the next call with as many guesses
     */
    public int[] next(int[] tokens, int answerFrom, int length, int ahead) {
        boolean tooEarly = length - answerFrom < minTokens && endings.length > 0;
        if (!tooEarly && badWords.isEmpty()) {
            return allowed;
        }
        begin(ahead);
        if (tooEarly) {
            for (int id : endings) {
                forbid(id);
            }
        }
        for (int[] word : badWords) {
            if (endsWithAllButLast(tokens, answerFrom, length, word)) {
                forbid(word[word.length - 1]);
            }
        }
        return isEmpty() ? allowed : mask;
    }

    /** The mask of {@code allowed_token_ids} alone, which never gives way; null = every token. */
    public int[] allowed() {
        return allowed;
    }

    private void begin(int ahead) {
        if (ahead >= masks.length) {
            masks = Arrays.copyOf(masks, ahead + 1);
        }
        if (masks[ahead] == null) {
            masks[ahead] = new int[(vocabulary + 31) >>> 5];
        }
        mask = masks[ahead];
        if (allowed != null) {
            System.arraycopy(allowed, 0, mask, 0, mask.length);
        } else {
            allowAll();
        }
    }

    private void allowAll() {
        Arrays.fill(mask, -1);
        int tail = vocabulary & 31;
        if (tail != 0) {
            mask[mask.length - 1] = (1 << tail) - 1;
        }
    }

    private void forbid(int id) {
        if (id >= 0 && id < vocabulary) {
            mask[id >>> 5] &= ~(1 << (id & 31));
        }
    }

    private boolean isEmpty() {
        for (int word : mask) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    private int[] only(List<Integer> ids) {
        int[] words = new int[(vocabulary + 31) >>> 5];
        for (int id : ids) {
            words[id >>> 5] |= 1 << (id & 31);
        }
        return words;
    }

    private static boolean endsWithAllButLast(
            int[] tokens, int answerFrom, int length, int[] word) {
        int prefix = word.length - 1;
        if (length - answerFrom < prefix) {
            return false;
        }
        for (int i = 0; i < prefix; i++) {
            if (tokens[length - prefix + i] != word[i]) {
                return false;
            }
        }
        return true;
    }
}
