package dev.cairn.core.schedule;

import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.GeneratedToken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Beam search as transformers 5.23 writes it down, tensor by tensor with its sentinels of -1e9,
 * over whole distributions and without any cache. Slow, and shares no line with what it judges.
 */
final class ReferenceBeams {

    private static final float NEVER = -1e9f;

    private final Function<int[], float[]> logprobs;
    private final BeamSearch settings;
    private final Set<Integer> ends;
    private final int minTokens;
    private final int maxTokens;
    private final int keep;

    private List<int[]> running = new ArrayList<>();
    private float[] runningScores;
    private List<int[]> finished = new ArrayList<>();
    private float[] scores;
    private boolean[] isFinished;

    /**
     * @param logprobs log-probabilities {@code [vocabulary]} after a sequence
     */
    ReferenceBeams(
            Function<int[], float[]> logprobs,
            BeamSearch settings,
            List<Integer> ends,
            int minTokens,
            int maxTokens) {
        this.logprobs = logprobs;
        this.settings = settings;
        this.ends = new HashSet<>(ends);
        this.minTokens = minTokens;
        this.maxTokens = maxTokens;
        this.keep = Math.max(2, 1 + this.ends.size()) * settings.width();
    }

    /** The best answers, each whole with its prompt, best first. */
    List<int[]> search(int[] prompt) {
        int width = settings.width();
        for (int i = 0; i < width; i++) {
            running.add(prompt);
            finished.add(prompt);
        }
        runningScores = new float[width];
        Arrays.fill(runningScores, 1, width, NEVER);
        scores = new float[width];
        Arrays.fill(scores, NEVER);
        isFinished = new boolean[width];
        for (int length = 1; step(length); length++) {}
        return finished;
    }

    private boolean step(int length) {
        int width = settings.width();
        List<int[]> top = new ArrayList<>();
        float[] topScores = new float[keep];
        extend(length, top, topScores);
        boolean[] hits = new boolean[keep];
        boolean all = true;
        for (int i = 0; i < keep; i++) {
            int[] sequence = top.get(i);
            hits[i] = ends.contains(sequence[sequence.length - 1]) || length == maxTokens;
            all &= hits[i];
        }
        float[] continuing = topScores.clone();
        float[] ended = topScores.clone();
        for (int i = 0; i < keep; i++) {
            continuing[i] += hits[i] ? NEVER : 0;
            ended[i] /= (float) Math.pow(length, settings.lengthPenalty());
            ended[i] += hits[i] && i < width ? 0 : NEVER;
        }
        List<Integer> next = best(continuing, width);
        running = new ArrayList<>(next.stream().map(top::get).toList());
        for (int i = 0; i < width; i++) {
            runningScores[i] = continuing[next.get(i)];
        }
        merge(top, ended, hits);
        boolean full = true;
        float worst = Float.POSITIVE_INFINITY;
        for (int i = 0; i < width; i++) {
            full &= isFinished[i];
            worst = Math.min(worst, isFinished[i] ? scores[i] : NEVER);
        }
        float possible = runningScores[0] / (float) Math.pow(length, settings.lengthPenalty());
        return !all && possible > worst && !(full && settings.earlyStopping());
    }

    private void extend(int length, List<int[]> top, float[] topScores) {
        List<float[]> rows = new ArrayList<>();
        for (int beam = 0; beam < settings.width(); beam++) {
            float[] row = logprobs.apply(running.get(beam)).clone();
            for (int id : ends) {
                row[id] = length <= minTokens ? Float.NEGATIVE_INFINITY : row[id];
            }
            for (int id = 0; id < row.length; id++) {
                row[id] += runningScores[beam];
            }
            rows.add(row);
        }
        int vocabulary = rows.getFirst().length;
        float[] flat = new float[rows.size() * vocabulary];
        for (int beam = 0; beam < rows.size(); beam++) {
            System.arraycopy(rows.get(beam), 0, flat, beam * vocabulary, vocabulary);
        }
        List<Integer> chosen = best(flat, keep);
        for (int i = 0; i < keep; i++) {
            topScores[i] = flat[chosen.get(i)];
            int[] parent = running.get(chosen.get(i) / vocabulary);
            int[] child = Arrays.copyOf(parent, parent.length + 1);
            child[parent.length] = chosen.get(i) % vocabulary;
            top.add(child);
        }
    }

    private void merge(List<int[]> top, float[] ended, boolean[] hits) {
        int width = settings.width();
        List<int[]> sequences = new ArrayList<>(finished);
        sequences.addAll(top);
        float[] all = Arrays.copyOf(scores, width + keep);
        System.arraycopy(ended, 0, all, width, keep);
        boolean[] done = Arrays.copyOf(isFinished, width + keep);
        for (int i = 0; i < width; i++) {
            done[width + i] = hits[i];
        }
        List<Integer> best = best(all, width);
        finished = new ArrayList<>(best.stream().map(sequences::get).toList());
        for (int i = 0; i < width; i++) {
            scores[i] = all[best.get(i)];
            isFinished[i] = done[best.get(i)];
        }
    }

    /** Indices of the largest, largest first, ties to the lower index. */
    private static List<Integer> best(float[] values, int count) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -values[i]))
                .limit(count)
                .toList();
    }

    /** A distribution from the likeliest tokens of a greedy answer. */
    static float[] distribution(GeneratedToken token) {
        float[] row = new float[token.topIds().length];
        for (int i = 0; i < row.length; i++) {
            row[token.topIds()[i]] = token.topLogprobs()[i];
        }
        return row;
    }
}
