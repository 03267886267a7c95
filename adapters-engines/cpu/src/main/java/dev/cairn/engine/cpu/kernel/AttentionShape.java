package dev.cairn.engine.cpu.kernel;

/**
 * What one layer's attention computes.
 *
 * @param queryHeads heads of the queries, a multiple of the KV heads; query head {@code h} reads KV
 *     head {@code h / (queryHeads / kvHeads)}
 * @param scale multiplied into every score
 * @param window a query sees itself and the {@code window - 1} tokens before it; 0 for all of them
 * @param softcap scores become {@code softcap * tanh(score / softcap)} (Gemma 2); 0 for none
 */
public record AttentionShape(int queryHeads, float scale, int window, float softcap) {

    public AttentionShape {
        if (queryHeads < 1 || window < 0 || !(softcap >= 0)) {
            throw new IllegalArgumentException(
                    "no attention of %d heads, window %d, softcap %s"
                            .formatted(queryHeads, window, softcap));
        }
    }
}
