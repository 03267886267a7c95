package dev.cairn.core.request;

import dev.cairn.ports.model.TokenPair;
import dev.cairn.ports.request.InferenceService.Scores;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.ScoreCall;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores pairs of texts: by a cross-encoder, which reads both, or by the cosine of two vectors.
 * Threads: any.
 */
final class Scorer {

    private final int mostPairs;
    private final EncoderGate gate;

    /**
     * @param mostPairs of one request
     */
    Scorer(int mostPairs, EncoderGate gate) {
        this.mostPairs = mostPairs;
        this.gate = gate;
    }

    void score(ScoreCall call, Served.Score model, Completion<Scores> done) {
        checkCounts(call);
        int longest = longest(call, model);
        List<TokenPair> pairs = new ArrayList<>(call.second().size());
        int sum = 0;
        for (int i = 0; i < call.second().size(); i++) {
            pairs.add(encode(call, model, i, longest));
            sum += pairs.getLast().length();
        }
        int tokens = sum;
        model.runner()
                .score(
                        pairs,
                        gate.enter(
                                call.tenant(),
                                tokens,
                                (float[] scores) -> new Scores(scores, tokens),
                                done));
    }

    void score(ScoreCall call, Served.Embedding model, Completion<Scores> done) {
        checkCounts(call);
        if (call.truncate().isPresent()) {
            throw Field.refused(
                    "truncate_prompt_tokens",
                    "truncate_prompt_tokens is served for cross-encoders only; send shorter texts");
        }
        List<int[]> ids = new ArrayList<>();
        int sum = 0;
        for (int i = 0; i < call.first().size(); i++) {
            ids.add(encode(model, call.first().get(i), name(call.firstField(), call.first(), i)));
            sum += ids.getLast().length;
        }
        for (int i = 0; i < call.second().size(); i++) {
            ids.add(
                    encode(
                            model,
                            call.second().get(i),
                            name(call.secondField(), call.second(), i)));
            sum += ids.getLast().length;
        }
        int tokens = sum;
        model.runner()
                .embed(
                        ids,
                        gate.enter(
                                call.tenant(),
                                tokens,
                                vectors -> new Scores(cosines(call, vectors), tokens),
                                done));
    }

    private void checkCounts(ScoreCall call) {
        Field.within(call.secondField(), call.second().size(), 1, mostPairs);
        int first = call.first().size();
        Field.check(
                first == 1 || first == call.second().size(),
                call.firstField(),
                "be one text, or as many as " + call.secondField() + " has",
                first);
    }

    private static int longest(ScoreCall call, Served.Score model) {
        int most = model.runner().maxTokens();
        int asked = call.truncate().orElse(-1);
        Field.check(
                asked == -1 || (asked >= 1 && asked <= most),
                "truncate_prompt_tokens",
                "be -1 or from 1 to " + most,
                asked);
        return asked == -1 ? most : asked;
    }

    private static TokenPair encode(ScoreCall call, Served.Score model, int index, int longest) {
        String field = name(call.secondField(), call.second(), index);
        if (call.truncate().isEmpty()) {
            // Texts that are far too long are refused by their beginning.
            beginning(model, call.first(index), call.firstField(), longest);
            beginning(model, call.second().get(index), field, longest);
        }
        TokenPair pair = model.codec().encodePair(call.first(index), call.second().get(index));
        if (pair.length() == 0) {
            throw Field.refused(field, field + " must not be empty");
        }
        TokenPair fitting = call.truncate().isPresent() ? pair.truncated(longest) : pair;
        if (fitting.length() > longest) {
            throw PromptEncoder.longerThan(
                    longest, call.firstField() + " and " + field, fitting.length());
        }
        for (int id : fitting.ids()) {
            Field.tokenId(field, id, model.codec().vocabularySize());
        }
        return fitting;
    }

    private static void beginning(Served.Score model, String text, String field, int longest) {
        PromptEncoder.demandShort(model.codec(), text, false, field, longest);
    }

    private static int[] encode(Served.Embedding model, String text, String field) {
        return Embedder.encode(model, new Prompt.Text(text, true), field);
    }

    private static String name(String field, List<String> texts, int index) {
        return texts.size() == 1 ? field : field + "[" + index + "]";
    }

    private static float[] cosines(ScoreCall call, List<float[]> vectors) {
        int firsts = call.first().size();
        float[] cosines = new float[call.second().size()];
        for (int i = 0; i < cosines.length; i++) {
            cosines[i] = cosine(vectors.get(firsts == 1 ? 0 : i), vectors.get(firsts + i));
        }
        return cosines;
    }

    /** 0 where a vector has no direction. */
    private static float cosine(float[] one, float[] two) {
        double product = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < one.length; i++) {
            product += (double) one[i] * two[i];
            first += (double) one[i] * one[i];
            second += (double) two[i] * two[i];
        }
        double lengths = Math.sqrt(first) * Math.sqrt(second);
        return lengths > 0 ? (float) (product / lengths) : 0;
    }
}
