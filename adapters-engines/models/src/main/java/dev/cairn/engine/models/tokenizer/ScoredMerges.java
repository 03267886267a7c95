package dev.cairn.engine.models.tokenizer;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Merge rules of a vocabulary that has scores instead: every way to cut a piece in two others, best
 * piece first.
 */
final class ScoredMerges {

    /** Longer pieces exist only in hostile files; cutting one costs the square of its length. */
    private static final int LONGEST_PIECE = 512;

    private ScoredMerges() {}

    private record Merge(String left, String right, double score) {}

    static JsonArray of(List<String> tokens, List<Double> scores) {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            ids.putIfAbsent(tokens.get(id), id);
        }
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            merges.addAll(cuts(tokens.get(id), scores.get(id), ids));
        }
        // Stable, so that pieces of one score stay in the order of the vocabulary, as transformers
        // leaves them.
        merges.sort(
                Comparator.comparingDouble(Merge::score)
                        .thenComparingInt(merge -> length(merge.left()))
                        .thenComparingInt(merge -> length(merge.right()))
                        .reversed());
        return JsonValue.array(
                merges.stream()
                        .map(
                                merge ->
                                        JsonValue.array(
                                                List.of(
                                                        JsonValue.of(merge.left()),
                                                        JsonValue.of(merge.right()))))
                        .toList());
    }

    private static List<Merge> cuts(String piece, double score, Map<String, Integer> ids) {
        List<Merge> cuts = new ArrayList<>();
        if (piece.length() > LONGEST_PIECE) {
            return cuts;
        }
        for (int at = 1; at < piece.length(); at++) {
            String left = piece.substring(0, at);
            String right = piece.substring(at);
            if (ids.containsKey(left) && ids.containsKey(right)) {
                cuts.add(new Merge(left, right, score));
            }
        }
        cuts.sort(
                Comparator.<Merge>comparingInt(cut -> ids.get(cut.left()))
                        .thenComparingInt(cut -> ids.get(cut.right())));
        return cuts;
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
