package dev.cairn.core.request;

import dev.cairn.ports.request.InferenceService.Embeddings;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Embeds inputs. Threads: any. */
final class Embedder {

    private final int mostInputs;
    private final EncoderGate gate;

    /**
     * @param mostInputs of one request
     */
    Embedder(int mostInputs, EncoderGate gate) {
        this.mostInputs = mostInputs;
        this.gate = gate;
    }

    void embed(
            String tenant,
            Served.Embedding model,
            List<Prompt> inputs,
            int dimensions,
            Completion<Embeddings> done) {
        Field.within("input", inputs.size(), 1, mostInputs);
        Field.check(
                dimensions >= 0 && dimensions <= model.runner().dimensions(),
                "dimensions",
                "be from 1 to " + model.runner().dimensions(),
                dimensions);
        List<int[]> ids = new ArrayList<>(inputs.size());
        int sum = 0;
        for (int i = 0; i < inputs.size(); i++) {
            ids.add(encode(model, inputs.get(i), "input[" + i + "]"));
            sum += ids.getLast().length;
        }
        int tokens = sum;
        model.runner()
                .embed(
                        ids,
                        gate.enter(
                                tenant,
                                tokens,
                                vectors -> new Embeddings(cut(vectors, dimensions), tokens),
                                done));
    }

    /**
     * The tokens of an input.
     *
     * @throws dev.cairn.ports.request.RequestRefused if it is empty or too long
     */
    static int[] encode(Served.Embedding model, Prompt input, String field) {
        int longest = model.runner().maxTokens();
        int[] ids = PromptEncoder.encode(model.codec(), input, field, longest);
        if (ids.length == 0) {
            throw Field.refused(field, field + " must not be empty");
        }
        if (ids.length > longest) {
            throw PromptEncoder.longerThan(longest, field, ids.length);
        }
        for (int id : ids) {
            Field.tokenId(field, id, model.codec().vocabularySize());
        }
        return ids;
    }

    private static List<float[]> cut(List<float[]> vectors, int dimensions) {
        return vectors.stream().map(vector -> cut(vector, dimensions)).toList();
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
}
