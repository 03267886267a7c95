package dev.cairn.distribution.bench.prompt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Divides a number by weights, exactly: largest remainders first, in an order drawn at random. */
final class Shares {

    private Shares() {}

    /** For each of {@code count} places the index of the weight that it counts for. */
    static List<Integer> assign(int count, List<Integer> weights, Random random) {
        long sum = weights.stream().mapToLong(Integer::longValue).sum();
        int[] places = new int[weights.size()];
        List<Integer> byRemainder = new ArrayList<>();
        int given = 0;
        for (int i = 0; i < places.length; i++) {
            places[i] = (int) ((long) count * weights.get(i) / sum);
            given += places[i];
            byRemainder.add(i);
        }
        byRemainder.sort(
                (a, b) ->
                        Long.compare(
                                (long) count * weights.get(b) % sum,
                                (long) count * weights.get(a) % sum));
        for (int i = 0; given < count; i++, given++) {
            places[byRemainder.get(i)]++;
        }
        List<Integer> assigned = new ArrayList<>(count);
        for (int i = 0; i < places.length; i++) {
            assigned.addAll(Collections.nCopies(places[i], i));
        }
        Collections.shuffle(assigned, random);
        return assigned;
    }
}
