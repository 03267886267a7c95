package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A set of Unicode code points as sorted ranges that do not touch; never a surrogate, which UTF-8
 * cannot hold.
 */
final class CodePoints {

    static final CodePoints ALL = of(0, Character.MAX_CODE_POINT);
    static final CodePoints NONE = new CodePoints(new int[0]);

    /** {@code low0, high0, low1, high1, ...}, bounds included. */
    private final int[] ranges;

    private CodePoints(int[] ranges) {
        this.ranges = ranges;
    }

    static CodePoints of(int low, int high) {
        return normal(List.of(new int[] {low, high}));
    }

    /** Ranges {@code {low, high}} in any order. */
    static CodePoints ofRanges(List<int[]> pairs) {
        return normal(pairs);
    }

    /** The characters of a text. */
    static CodePoints anyOf(String characters) {
        return normal(characters.codePoints().mapToObj(c -> new int[] {c, c}).toList());
    }

    /** All code points for which a rule holds: one pass over Unicode. */
    static CodePoints where(IntPredicate rule) {
        List<int[]> found = new ArrayList<>();
        int from = -1;
        for (int c = 0; c <= Character.MAX_CODE_POINT + 1; c++) {
            boolean in = c <= Character.MAX_CODE_POINT && rule.test(c);
            if (in && from < 0) {
                from = c;
            } else if (!in && from >= 0) {
                found.add(new int[] {from, c - 1});
                from = -1;
            }
        }
        return normal(found);
    }

    CodePoints union(CodePoints other) {
        List<int[]> all = pairs();
        all.addAll(other.pairs());
        return normal(all);
    }

    CodePoints complement() {
        List<int[]> gaps = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            if (ranges[i] > from) {
                gaps.add(new int[] {from, ranges[i] - 1});
            }
            from = ranges[i + 1] + 1;
        }
        if (from <= Character.MAX_CODE_POINT) {
            gaps.add(new int[] {from, Character.MAX_CODE_POINT});
        }
        return normal(gaps);
    }

    CodePoints minus(CodePoints other) {
        return complement().union(other).complement();
    }

    boolean contains(int codePoint) {
        for (int i = 0; i < ranges.length; i += 2) {
            if (codePoint >= ranges[i] && codePoint <= ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /** Adds where the set begins and where it has ended. */
    void addEdges(Collection<Integer> out) {
        for (int i = 0; i < ranges.length; i += 2) {
            out.add(ranges[i]);
            out.add(ranges[i + 1] + 1);
        }
    }

    /** The only code point, or -1 where there are none or several. */
    int single() {
        return ranges.length == 2 && ranges[0] == ranges[1] ? ranges[0] : -1;
    }

    boolean isEmpty() {
        return ranges.length == 0;
    }

    /** How many ranges, for bounds of size. */
    int size() {
        return ranges.length / 2;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CodePoints that && Arrays.equals(ranges, that.ranges);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ranges);
    }

    /** One code point of the set in UTF-8. */
    Expression utf8() {
        List<Expression> options = new ArrayList<>();
        ByteSet ascii = ByteSet.range(1, 0);
        for (int i = 0; i < ranges.length; i += 2) {
            int low = ranges[i];
            int high = ranges[i + 1];
            if (low < 0x80) {
                ascii = ascii.union(ByteSet.range(low, Math.min(high, 0x7f)));
            }
            for (int[] width : new int[][] {{0x80, 0x7ff}, {0x800, 0xffff}, {0x10000, 0x10ffff}}) {
                int from = Math.max(low, width[0]);
                int to = Math.min(high, width[1]);
                if (from <= to) {
                    split(encode(from), encode(to), options);
                }
            }
        }
        if (!ascii.isEmpty()) {
            options.addFirst(new Expression.Bytes(ascii));
        }
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    /**
     * Cuts a range of encodings of one width into products of byte ranges: a product is one only
     * where, after the first byte that differs, the low end has only 0x80 and the high end 0xBF.
     */
    private static void split(int[] low, int[] high, List<Expression> out) {
        int first = 0;
        while (first < low.length && low[first] == high[first]) {
            first++;
        }
        boolean lowFull = true;
        boolean highFull = true;
        for (int i = first + 1; i < low.length; i++) {
            lowFull &= low[i] == 0x80;
            highFull &= high[i] == 0xbf;
        }
        if (lowFull && highFull) {
            Expression[] parts = new Expression[low.length];
            for (int i = 0; i < low.length; i++) {
                parts[i] = Expression.range(low[i], high[i]);
            }
            out.add(Expression.sequence(parts));
            return;
        }
        int[] middle;
        if (!lowFull) {
            middle = low.clone();
            Arrays.fill(middle, first + 1, middle.length, 0xbf);
            split(low, middle, out);
            split(following(middle, first), high, out);
        } else {
            middle = high.clone();
            Arrays.fill(middle, first + 1, middle.length, 0x80);
            int[] before = middle.clone();
            before[first]--;
            Arrays.fill(before, first + 1, before.length, 0xbf);
            split(low, before, out);
            split(middle, high, out);
        }
    }

    private static int[] following(int[] bytes, int first) {
        int[] next = bytes.clone();
        next[first]++;
        Arrays.fill(next, first + 1, next.length, 0x80);
        return next;
    }

    private static int[] encode(int c) {
        if (c < 0x800) {
            return new int[] {0xc0 | c >> 6, 0x80 | c & 0x3f};
        }
        if (c < 0x10000) {
            return new int[] {0xe0 | c >> 12, 0x80 | c >> 6 & 0x3f, 0x80 | c & 0x3f};
        }
        return new int[] {
            0xf0 | c >> 18, 0x80 | c >> 12 & 0x3f, 0x80 | c >> 6 & 0x3f, 0x80 | c & 0x3f
        };
    }

    private List<int[]> pairs() {
        List<int[]> pairs = new ArrayList<>();
        for (int i = 0; i < ranges.length; i += 2) {
            pairs.add(new int[] {ranges[i], ranges[i + 1]});
        }
        return pairs;
    }

    private static CodePoints normal(List<int[]> pairs) {
        List<int[]> whole = new ArrayList<>();
        for (int[] pair : pairs) {
            add(pair[0], Math.min(pair[1], 0xd7ff), whole);
            add(Math.max(pair[0], 0xe000), pair[1], whole);
        }
        whole.sort((a, b) -> Integer.compare(a[0], b[0]));
        int[] flat = new int[whole.size() * 2];
        int size = 0;
        for (int[] pair : whole) {
            if (size > 0 && pair[0] <= flat[size - 1] + 1) {
                flat[size - 1] = Math.max(flat[size - 1], pair[1]);
            } else {
                flat[size++] = pair[0];
                flat[size++] = pair[1];
            }
        }
        return new CodePoints(Arrays.copyOf(flat, size));
    }

    private static void add(int low, int high, List<int[]> out) {
        if (low <= high) {
            out.add(new int[] {low, high});
        }
    }
}
