package dev.cairn.engine.simulated;

import dev.cairn.ports.engine.Sampler;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.system.RandomSource;
import java.lang.foreign.MemorySegment;

/**
 * Logits made of a hash: one token is the likeliest by far, the others lie below it. A greedy row
 * without conditions is answered without making the whole row.
 *
 * <p>Threads: one mailbox.
 */
final class MadeUpLogits {

    private static final float LIKELIEST = 6;

    private final int vocabulary;
    private float[] logits;
    private Sampler.Scratch scratch;

    MadeUpLogits(int vocabulary) {
        this.vocabulary = vocabulary;
    }

    TokenChoice serve(long seen, SamplingRow row) {
        return isPlainlyGreedy(row) ? TokenChoice.bare(likeliest(seen)) : serveWhole(seen, row);
    }

    private int likeliest(long seen) {
        return (int) Long.remainderUnsigned(RandomSource.mix(seen), vocabulary);
    }

    private static boolean isPlainlyGreedy(SamplingRow row) {
        return row instanceof SamplingRow.Sample sample
                && sample.parameters().temperature() < Sampler.GREEDY_BELOW
                && sample.parameters().logitBias().isEmpty()
                && sample.counts() == null
                && sample.mask() == null
                && sample.topLogprobs() < 0
                && !sample.fullLogits();
    }

    private TokenChoice serveWhole(long seen, SamplingRow row) {
        if (logits == null) {
            logits = new float[vocabulary];
            scratch = new Sampler.Scratch(vocabulary);
        }
        for (int id = 0; id < vocabulary; id++) {
            // 24 bits, below 4.
            logits[id] = (RandomSource.mix(seen + 1 + id) >>> 40) * 0x1p-22f;
        }
        logits[likeliest(seen)] = LIKELIEST;
        return Sampler.serve(MemorySegment.ofArray(logits), vocabulary, row, scratch);
    }
}
