package dev.cairn.ports.engine;

/** Log-softmax of a raw row, as far as it was asked for. */
final class LogProbabilities {

    private LogProbabilities() {}

    static TokenChoice report(float[] raw, int vocabulary, int token, int top, float[] full) {
        if (top < 0) {
            return full == null
                    ? TokenChoice.bare(token)
                    : new TokenChoice(token, Float.NaN, 0, new int[0], new float[0], full);
        }
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < vocabulary; i++) {
            max = Math.max(max, raw[i]); // NaN stays NaN
        }
        if (Float.isNaN(max)) {
            throw new ArithmeticException("the engine gave logits that are no numbers");
        }
        double sum = 0;
        int rank = 1;
        float chosen = raw[token];
        for (int i = 0; i < vocabulary; i++) {
            sum += DefinedMath.exp((double) raw[i] - max);
            if (raw[i] > chosen) {
                rank++;
            }
        }
        double normaliser = max + DefinedMath.log(sum);
        int[] ids = top(raw, vocabulary, Math.min(top, vocabulary));
        float[] logprobs = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            logprobs[i] = (float) (raw[ids[i]] - normaliser);
        }
        return new TokenChoice(token, (float) (chosen - normaliser), rank, ids, logprobs, full);
    }

    /**
     * Ids of the largest values, best first, ties to the lower id: insertion into a short sorted
     * list.
     */
    private static int[] top(float[] raw, int vocabulary, int count) {
        int[] ids = new int[count];
        int size = 0;
        for (int i = 0; i < vocabulary && count > 0; i++) {
            if (size == count && raw[i] <= raw[ids[size - 1]]) {
                continue;
            }
            int at = size == count ? size - 1 : size++;
            while (at > 0 && raw[ids[at - 1]] < raw[i]) {
                ids[at] = ids[at - 1];
                at--;
            }
            ids[at] = i;
        }
        return ids;
    }
}
