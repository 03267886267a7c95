package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.Crew;
import dev.cairn.ports.engine.Sampler;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.TokenChoice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Chooses and scores tokens, the rows of a step spread over the crew. Threads: the runner's, which
 * drives the crew.
 */
final class RowSampling {

    private static final int EXPONENT = 0x7f800000;

    /** Logits whose sampling is worth another thread. */
    private static final long WORTH_A_CREW = 1 << 14;

    private final int vocabulary;
    private final Crew crew;

    /** One per thread of the crew. */
    private final Sampler.Scratch[] scratches;

    private RowSlices logitRows;

    RowSampling(int vocabulary, Crew crew) {
        this.vocabulary = vocabulary;
        this.crew = crew;
        scratches = new Sampler.Scratch[crew.size()];
        for (int i = 0; i < scratches.length; i++) {
            scratches[i] = new Sampler.Scratch(vocabulary);
        }
    }

    /**
     * Serves every row.
     *
     * @param logits {@code [rows, vocabulary]} float32
     * @throws ArithmeticException if a wanted row holds a NaN or an infinity, or allows no token
     */
    List<TokenChoice> run(MemorySegment logits, SamplingBatch batch) {
        int rows = batch.rows().size();
        if (logitRows == null || !logitRows.base().equals(logits)) {
            long rowBytes = 4L * vocabulary;
            logitRows = new RowSlices(logits, (int) (logits.byteSize() / rowBytes), rowBytes);
        }
        TokenChoice[] choices = new TokenChoice[rows];
        AtomicInteger next = new AtomicInteger();
        int workers = (long) rows * vocabulary < WORTH_A_CREW ? 1 : scratches.length;
        crew.run(
                workers,
                worker -> {
                    for (int row = next.getAndIncrement();
                            row < rows;
                            row = next.getAndIncrement()) {
                        choices[row] = serve(row, batch.rows().get(row), scratches[worker]);
                    }
                });
        return Collections.unmodifiableList(Arrays.asList(choices));
    }

    private TokenChoice serve(int index, SamplingRow row, Sampler.Scratch scratch) {
        if (row instanceof SamplingRow.Ignore) {
            return null;
        }
        MemorySegment own = logitRows.from(index);
        checkFinite(own, index);
        return Sampler.serve(own, vocabulary, row, scratch);
    }

    private void checkFinite(MemorySegment row, int index) {
        for (int token = 0; token < vocabulary; token++) {
            int bits = row.getAtIndex(ValueLayout.JAVA_INT, token);
            if ((bits & EXPONENT) == EXPONENT) {
                throw new ArithmeticException(
                        "the model's logit of token "
                                + token
                                + " in row "
                                + index
                                + " of the step is "
                                + Float.intBitsToFloat(bits)
                                + ": its weights are damaged, or overflow in this type; try --dtype float32");
            }
        }
    }
}
