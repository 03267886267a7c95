package dev.cairn.plugin.device;

import dev.cairn.ports.engine.Sampler;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.RandomSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Sampling on the device. What is wished goes there on a stream of its own while the forward pass
 * runs; the kernel waits for it. Rows that want more than the kernel gives (all logits, more
 * log-probabilities than {@value #MOST_TOP}, more penalties than there is room for) are served on
 * the host by the same definition.
 *
 * <p>Forms, as the kernel reads them: a wish is {@value #WISH_BYTES} bytes, its fields in the order
 * of {@link #wish}; masks are words, biases pairs (id, float32), counts triples (id, generated, in
 * the prompt); a result is token, rank, log-probability, fault, then ids and log-probabilities of
 * the likeliest.
 *
 * <p>Threads: the device's owner.
 */
final class SamplingPlan {

    /** Log-probabilities of so many tokens, the most that OpenAI's API can ask for. */
    private static final int MOST_TOP = 20;

    private static final int WISH_BYTES = 72;
    private static final int RESULT_BYTES = 16 + 8 * MOST_TOP;

    /** Penalties and biases of a row take at most so much on average. */
    private static final long COUNT_BYTES_PER_ROW = 16 << 10;

    private static final int IGNORE = 0;
    private static final int SAMPLE = 1;
    private static final int SCORE = 2;
    private static final int NOT_FINITE = 1;

    private final Device device;
    private final DeviceStream compute;
    private final DeviceStream uploads;
    private final DeviceEvent uploaded;
    private final Operations operations;
    private final int vocabulary;
    private final long logits;
    private final Staging wishes;
    private final Staging masks;
    private final Staging counts;
    private final long work;
    private final long results;
    private final MemorySegment hostResults;
    private final MemorySegment hostLogits;
    private final Sampler.Scratch scratch;
    private final boolean[] onHost;

    SamplingPlan(
            Device device,
            DeviceStream compute,
            DeviceStream uploads,
            Operations operations,
            int vocabulary,
            int rows,
            long logits) {
        this.device = device;
        this.compute = compute;
        this.uploads = uploads;
        this.operations = operations;
        this.vocabulary = vocabulary;
        this.logits = logits;
        uploaded = device.event();
        wishes = Staging.allocate(device, (long) rows * WISH_BYTES);
        masks = Staging.allocate(device, maskBytes(vocabulary, rows));
        counts = Staging.allocate(device, rows * COUNT_BYTES_PER_ROW);
        work = device.allocate(4L * rows * vocabulary);
        results = device.allocate((long) rows * RESULT_BYTES);
        hostResults = device.allocatePinned((long) rows * RESULT_BYTES);
        hostLogits = device.allocatePinned(4L * rows * vocabulary);
        scratch = new Sampler.Scratch(vocabulary);
        onHost = new boolean[rows];
    }

    private static long maskBytes(int vocabulary, int rows) {
        return (long) rows * (4L * Math.ceilDiv(vocabulary, 32) + 16);
    }

    /** Bytes of device memory. */
    static long bytes(int vocabulary, int rows) {
        return 4L * rows * vocabulary
                + maskBytes(vocabulary, rows)
                + rows * (WISH_BYTES + RESULT_BYTES + COUNT_BYTES_PER_ROW);
    }

    /** Puts sampling on the compute stream, behind the forward pass. */
    void begin(SamplingBatch batch) {
        int rows = batch.rows().size();
        if (rows == 0) {
            return;
        }
        wishes.clear();
        masks.clear();
        counts.clear();
        long maskStart = masks.part();
        long countStart = counts.part();
        wishes.part();
        for (int i = 0; i < rows; i++) {
            onHost[i] = !wish(batch.rows().get(i), maskStart, countStart);
        }
        wishes.send(device, uploads);
        masks.send(device, uploads);
        counts.send(device, uploads);
        device.record(uploaded, uploads);
        device.await(compute, uploaded);
        operations.sample(
                wishes.start(),
                maskStart,
                countStart,
                countStart,
                logits,
                work,
                results,
                MOST_TOP,
                vocabulary,
                rows);
        device.copyOut(hostResults, 0, results, (long) rows * RESULT_BYTES, compute);
        long rowBytes = 4L * vocabulary;
        for (int i = 0; i < rows; i++) {
            if (onHost[i]) {
                device.copyOut(hostLogits, i * rowBytes, logits + i * rowBytes, rowBytes, compute);
            }
        }
    }

    /** Writes a row's wish; false if the row is to be served on the host. */
    private boolean wish(SamplingRow row, long maskStart, long countStart) {
        return switch (row) {
            case SamplingRow.Ignore() -> {
                ignore();
                yield true;
            }
            case SamplingRow.Score(int token, int top) -> {
                boolean served = top <= MOST_TOP;
                if (served) {
                    wishes.put(SCORE);
                    wishes.put(token);
                    wishes.put(top);
                    zeros(WISH_BYTES / 4 - 3);
                } else {
                    ignore();
                }
                yield served;
            }
            case SamplingRow.Sample sample -> {
                boolean served = !sample.fullLogits() && sample.topLogprobs() <= MOST_TOP;
                served = served && sample(sample, maskStart, countStart);
                if (!served) {
                    ignore();
                }
                yield served;
            }
        };
    }

    private boolean sample(SamplingRow.Sample row, long maskStart, long countStart) {
        SamplingParameters parameters = row.parameters();
        int words =
                row.mask() == null ? 0 : Math.min(row.mask().length, Math.ceilDiv(vocabulary, 32));
        long biasBytes = 8L * parameters.logitBias().size();
        int[] noted = row.counts() == null ? new int[0] : noted(row);
        if (!counts.fits(biasBytes + 32 + 4L * noted.length)) {
            return false;
        }
        int mask = row.mask() == null ? -1 : (int) ((masks.part() - maskStart) / 4);
        if (words > 0) {
            masks.put(row.mask(), 0, words);
        }
        int bias = (int) ((counts.part() - countStart) / 4);
        for (Map.Entry<Integer, Float> entry : parameters.logitBias().entrySet()) {
            counts.put(entry.getKey().intValue());
            counts.put(entry.getValue().floatValue());
        }
        int count = (int) ((counts.part() - countStart) / 4);
        counts.put(noted, 0, noted.length);
        wishes.put(SAMPLE);
        wishes.put(0);
        wishes.put(row.topLogprobs());
        wishes.put(parameters.topK());
        wishes.put(parameters.temperature());
        wishes.put(parameters.topP());
        wishes.put(parameters.minP());
        wishes.put(parameters.repetitionPenalty());
        wishes.put(parameters.frequencyPenalty());
        wishes.put(parameters.presencePenalty());
        wishes.put(mask);
        wishes.put(words);
        wishes.put(bias);
        wishes.put(parameters.logitBias().size());
        wishes.put(count);
        wishes.put(noted.length / 3);
        wishes.put(RandomSource.mix(row.seed() + RandomSource.mix(row.position())));
        return true;
    }

    /** Triples (id, generated, in the prompt). */
    private static int[] noted(SamplingRow.Sample row) {
        List<int[]> triples = new ArrayList<>();
        row.counts()
                .forEach(
                        (id, generated, inPrompt) ->
                                triples.add(new int[] {id, generated, inPrompt ? 1 : 0}));
        return triples.stream().flatMapToInt(Arrays::stream).toArray();
    }

    private void ignore() {
        wishes.put(IGNORE);
        zeros(WISH_BYTES / 4 - 1);
    }

    private void zeros(int count) {
        for (int i = 0; i < count; i++) {
            wishes.put(0);
        }
    }

    /**
     * What became of the rows, once the stream has passed.
     *
     * @param garbage whether a row was computed of what never came, and nobody wants it
     * @throws ArithmeticException if a wanted row holds a NaN or an infinity, or allows no token
     */
    List<TokenChoice> results(SamplingBatch batch, IntPredicate garbage) {
        TokenChoice[] choices = new TokenChoice[batch.rows().size()];
        for (int i = 0; i < choices.length; i++) {
            SamplingRow row = batch.rows().get(i);
            if (row instanceof SamplingRow.Ignore) {
                continue;
            }
            try {
                choices[i] = onHost[i] ? onHost(i, row) : onDevice(i, row);
            } catch (ArithmeticException fault) {
                if (!garbage.test(i)) {
                    throw fault;
                }
                choices[i] = TokenChoice.bare(0);
            }
        }
        return Collections.unmodifiableList(Arrays.asList(choices));
    }

    private TokenChoice onHost(int index, SamplingRow row) {
        long rowBytes = 4L * vocabulary;
        return Sampler.serve(
                hostLogits.asSlice(index * rowBytes, rowBytes), vocabulary, row, scratch);
    }

    private TokenChoice onDevice(int index, SamplingRow row) {
        long at = (long) index * RESULT_BYTES;
        int fault = hostResults.get(ValueLayout.JAVA_INT, at + 12);
        if (fault != 0) {
            throw new ArithmeticException(
                    fault == NOT_FINITE
                            ? "a logit of row %d of the step is no finite number: the model's weights are damaged, or overflow in this type; try --dtype float32"
                                    .formatted(index)
                            : "no token is allowed in row %d of the step".formatted(index));
        }
        int token = hostResults.get(ValueLayout.JAVA_INT, at);
        if (row.topLogprobs() < 0) {
            return TokenChoice.bare(token);
        }
        int top = Math.min(row.topLogprobs(), vocabulary);
        int[] ids = new int[top];
        float[] logprobs = new float[top];
        for (int k = 0; k < top; k++) {
            ids[k] = hostResults.get(ValueLayout.JAVA_INT, at + 16 + 4L * k);
            logprobs[k] = hostResults.get(ValueLayout.JAVA_FLOAT, at + 16 + 4L * (MOST_TOP + k));
        }
        return new TokenChoice(
                token,
                hostResults.get(ValueLayout.JAVA_FLOAT, at + 8),
                hostResults.get(ValueLayout.JAVA_INT, at + 4),
                ids,
                logprobs,
                null);
    }
}
