package dev.cairn.ports.model;

/**
 * Two texts as one input of an encoder that reads both: {@code [CLS] first [SEP] second [SEP]} in
 * BERT's way.
 *
 * @param ids token ids
 * @param types which segment a token counts to, as the model has it
 * @param texts which text a token is of, 0 or 1; -1 = of neither, put there by the tokenizer
 */
public record TokenPair(int[] ids, int[] types, int[] texts) {

    public TokenPair {
        if (types.length != ids.length || texts.length != ids.length) {
            throw new IllegalArgumentException(
                    "%d ids, %d types, %d texts".formatted(ids.length, types.length, texts.length));
        }
    }

    public int length() {
        return ids.length;
    }

    /**
     * As much as fits: the ends of the texts are left out, first of the longer one until both are
     * as long. What the tokenizer put there stays.
     *
     * <p>Source: {@code LongestFirst} of Hugging Face's tokenizers.
     *
     * @param longest in tokens
     */
    public TokenPair truncated(int longest) {
        int[] lengths = new int[2];
        for (int text : texts) {
            if (text >= 0) {
                lengths[text]++;
            }
        }
        int own = length() - lengths[0] - lengths[1];
        if (length() <= longest || own >= longest) {
            return this;
        }
        int room = longest - own;
        int shorter = lengths[0] <= lengths[1] ? 0 : 1;
        if (2L * lengths[shorter] > room) {
            lengths[shorter] = room / 2;
        }
        lengths[1 - shorter] = room - lengths[shorter];
        return keeping(lengths, longest);
    }

    private TokenPair keeping(int[] lengths, int length) {
        TokenPair kept = new TokenPair(new int[length], new int[length], new int[length]);
        int[] seen = new int[2];
        int at = 0;
        for (int i = 0; i < length(); i++) {
            if (texts[i] < 0 || seen[texts[i]]++ < lengths[texts[i]]) {
                kept.ids[at] = ids[i];
                kept.types[at] = types[i];
                kept.texts[at++] = texts[i];
            }
        }
        return kept;
    }
}
