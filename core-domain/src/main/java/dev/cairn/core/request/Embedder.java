package dev.cairn.core.request;

import dev.cairn.ports.request.InferenceService.Embeddings;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/** Embeds inputs, a bounded number of requests at a time. Threads: any. */
final class Embedder {

    private static final long RETRY_MILLIS = 1_000;

    private final RequestLimits limits;
    private final Accounts accounts;
    private final AtomicInteger inFlight = new AtomicInteger();

    Embedder(RequestLimits limits, Accounts accounts) {
        this.limits = limits;
        this.accounts = accounts;
    }

    void embed(
            String tenant,
            Served.Embedding model,
            List<Prompt> inputs,
            int dimensions,
            Completion<Embeddings> done) {
        if (inputs.isEmpty() || inputs.size() > limits.maxEmbeddingInputs()) {
            Field.within("input", inputs.size(), 1, limits.maxEmbeddingInputs());
        }
        Field.check(
                dimensions >= 0 && dimensions <= model.runner().dimensions(),
                "dimensions",
                "be from 1 to " + model.runner().dimensions(),
                dimensions);
        List<int[]> ids = new ArrayList<>(inputs.size());
        int tokens = 0;
        for (int i = 0; i < inputs.size(); i++) {
            ids.add(encode(model, inputs.get(i), i));
            tokens += ids.getLast().length;
        }
        if (inFlight.incrementAndGet() > limits.maxEmbeddingsInFlight()) {
            inFlight.decrementAndGet();
            throw overloaded();
        }
        try {
            accounts.admit(tenant, tokens);
        } catch (RequestRefused refused) {
            inFlight.decrementAndGet();
            throw refused;
        }
        model.runner().embed(ids, answer(tokens, dimensions, done));
    }

    private Completion<List<float[]>> answer(
            int tokens, int dimensions, Completion<Embeddings> done) {
        return new Completion<>() {
            @Override
            public void completed(List<float[]> vectors) {
                inFlight.decrementAndGet();
                List<float[]> cut = new ArrayList<>(vectors.size());
                for (float[] vector : vectors) {
                    cut.add(cut(vector, dimensions));
                }
                done.completed(new Embeddings(cut, tokens));
            }

            @Override
            public void failed(Throwable failure) {
                inFlight.decrementAndGet();
                done.failed(failure);
            }
        };
    }

    private static int[] encode(Served.Embedding model, Prompt input, int index) {
        String field = "input[" + index + "]";
        int[] ids = PromptEncoder.encode(model.codec(), input, field, model.runner().maxTokens());
        if (ids.length == 0) {
            throw Field.refused(field, field + " must not be empty");
        }
        if (ids.length > model.runner().maxTokens()) {
            throw PromptEncoder.tooLong(
                    field,
                    "this model's maximum context length is "
                            + model.runner().maxTokens()
                            + " tokens, but "
                            + field
                            + " has "
                            + ids.length
                            + "; shorten it");
        }
        for (int id : ids) {
            Field.tokenId(field, id, model.codec().vocabularySize());
        }
        return ids;
    }

    /** The first elements, of length 1 again (Matryoshka embeddings, Kusupati et al. 2022). */
    private static float[] cut(float[] vector, int dimensions) {
        if (dimensions == 0 || dimensions >= vector.length) {
            return vector;
        }
        float[] cut = Arrays.copyOf(vector, dimensions);
        double squares = 0;
        for (float element : cut) {
            squares += (double) element * element;
        }
        double length = Math.sqrt(squares);
        for (int i = 0; i < cut.length && length > 0; i++) {
            cut[i] = (float) (cut[i] / length);
        }
        return cut;
    }

    private RequestRefused overloaded() {
        return new RequestRefused(
                new RequestProblem(
                        Category.OVERLOADED,
                        limits.maxEmbeddingsInFlight()
                                + " embedding requests are being computed; try again in "
                                + RETRY_MILLIS
                                + " ms",
                        Optional.empty(),
                        "overloaded",
                        OptionalLong.of(RETRY_MILLIS)));
    }
}
