package dev.cairn.engine.simulated;

import dev.cairn.engine.simulated.CostModel.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the cost model of an engine from steps that were timed: least squares of the relative
 * error, over the nodes of the curve and the linear terms at once. A term that comes out below zero
 * is left out and the rest fitted again, because no work takes negative time. Steps that took many
 * times what they should were interrupted by something else, and count for the spread alone.
 *
 * <p>Threads: one.
 */
public final class CostFit {

    private static final int[] NODES = {
        1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096, 8192
    };

    private static final int LINEAR_TERMS = 3;

    /** After the first, with scales that are no longer measured ones. */
    private static final int PASSES = 3;

    private static final int SPREAD_CLASSES = 6;
    private static final int SPREAD_RATIOS = 200;

    /** A step that took this many times its prediction was interrupted. */
    private static final double INTERRUPTED = 4;

    /** Holds terms in place that the steps say nothing about. */
    private static final double RIDGE = 1e-9;

    private final List<Timed> steps = new ArrayList<>();

    /** Adds a step that was timed. */
    public void add(StepWork work, double nanos) {
        if (nanos > 0) {
            steps.add(new Timed(work, nanos));
        }
    }

    /** Steps added so far. */
    public int size() {
        return steps.size();
    }

    /**
     * @param subject what was timed
     * @throws IllegalStateException if no step was added
     */
    public CostModel fit(String subject) {
        if (steps.isEmpty()) {
            throw new IllegalStateException("no step was timed: nothing to fit");
        }
        // Interrupted steps count least where all are divided by what they took.
        CostModel first = fit(subject, steps, measured(steps));
        List<Timed> undisturbed =
                steps.stream()
                        .filter(step -> step.nanos < INTERRUPTED * first.nanos(step.work))
                        .toList();
        CostModel costs = undisturbed.isEmpty() ? first : fit(subject, undisturbed);
        return costs.with(spreads(costs));
    }

    /** Ratios of what all steps took to their costs, by classes of cost with as many steps each. */
    private List<Spread> spreads(CostModel costs) {
        List<Timed> byCost = new ArrayList<>(steps);
        byCost.sort(Comparator.comparingDouble(step -> costs.nanos(step.work)));
        int classes = Math.clamp(steps.size() / SPREAD_RATIOS, 1, SPREAD_CLASSES);
        List<Spread> spreads = new ArrayList<>();
        for (int i = 0; i < classes; i++) {
            List<Timed> of =
                    byCost.subList(i * byCost.size() / classes, (i + 1) * byCost.size() / classes);
            double most = costs.nanos(of.getLast().work);
            double[] ratios =
                    of.stream()
                            .mapToDouble(step -> step.nanos / Math.max(1, costs.nanos(step.work)))
                            .sorted()
                            .toArray();
            spreads.add(new Spread(Math.max(1, most), binned(ratios)));
        }
        return spreads;
    }

    /** Means of equally many neighbours, so that the mean of all stays what it is. */
    private static List<Double> binned(double[] sorted) {
        int bins = Math.min(sorted.length, SPREAD_RATIOS);
        List<Double> means = new ArrayList<>();
        for (int i = 0; i < bins; i++) {
            int from = (int) ((long) i * sorted.length / bins);
            int to = (int) ((i + 1L) * sorted.length / bins);
            means.add(Arrays.stream(sorted, from, to).average().orElseThrow());
        }
        return means;
    }

    /**
     * Every equation is divided by a time, so that relative errors count. Divided by the measured
     * one, steps that happened to be quick would count most and all costs come out too low, those
     * of short, noisy steps by a tenth and more. So the fit is repeated with what it predicts
     * itself.
     */
    private static CostModel fit(String subject, List<Timed> timed) {
        double[] scales = measured(timed);
        CostModel costs = fit(subject, timed, scales);
        for (int pass = 0; pass < PASSES; pass++) {
            for (int i = 0; i < scales.length; i++) {
                scales[i] = Math.max(1, costs.nanos(timed.get(i).work));
            }
            costs = fit(subject, timed, scales);
        }
        return costs;
    }

    private static double[] measured(List<Timed> timed) {
        return timed.stream().mapToDouble(Timed::nanos).toArray();
    }

    private static CostModel fit(String subject, List<Timed> timed, double[] scales) {
        int[] nodes = nodes(timed);
        int unknowns = nodes.length + LINEAR_TERMS;
        boolean[] out = new boolean[unknowns];
        while (true) {
            double[] costs = solve(timed, scales, nodes, out);
            int worst = -1;
            for (int i = 0; i < unknowns; i++) {
                if (!out[i] && costs[i] < 0 && (worst < 0 || i >= nodes.length)) {
                    worst = i;
                }
            }
            if (worst < 0) {
                List<Point> points = new ArrayList<>();
                for (int i = 0; i < nodes.length; i++) {
                    points.add(new Point(nodes[i], costs[i]));
                }
                return new CostModel(
                        subject,
                        points,
                        costs[nodes.length],
                        costs[nodes.length + 1],
                        costs[nodes.length + 2]);
            }
            out[worst] = true;
        }
    }

    /** Nodes that steps lie at or on both sides of. */
    private static int[] nodes(List<Timed> timed) {
        int least = timed.stream().mapToInt(step -> step.work.tokens()).min().orElseThrow();
        int most = timed.stream().mapToInt(step -> step.work.tokens()).max().orElseThrow();
        List<Integer> nodes = new ArrayList<>();
        nodes.add(least);
        for (int node : NODES) {
            int last = nodes.getLast();
            if (node > last
                    && node < most
                    && timed.stream()
                            .anyMatch(
                                    step ->
                                            step.work.tokens() > last
                                                    && step.work.tokens() <= node)) {
                nodes.add(node);
            }
        }
        if (most > nodes.getLast()) {
            nodes.add(most);
        }
        return nodes.stream().mapToInt(Integer::intValue).toArray();
    }

    private static double[] solve(List<Timed> timed, double[] scales, int[] nodes, boolean[] out) {
        int unknowns = out.length;
        double[][] equations = new double[unknowns][unknowns + 1];
        double[] row = new double[unknowns];
        for (int step = 0; step < scales.length; step++) {
            fill(row, timed.get(step).work, nodes);
            double target = timed.get(step).nanos / scales[step];
            for (int i = 0; i < unknowns; i++) {
                row[i] = out[i] ? 0 : row[i] / scales[step];
            }
            for (int i = 0; i < unknowns; i++) {
                for (int j = 0; j < unknowns && row[i] != 0; j++) {
                    equations[i][j] += row[i] * row[j];
                }
                equations[i][unknowns] += row[i] * target;
            }
        }
        for (int i = 0; i < unknowns; i++) {
            equations[i][i] = equations[i][i] == 0 ? 1 : equations[i][i] * (1 + RIDGE);
        }
        return eliminate(equations);
    }

    /** Shares of the two nodes that a step lies between, then the linear terms. */
    private static void fill(double[] row, StepWork work, int[] nodes) {
        Arrays.fill(row, 0);
        int above = Arrays.binarySearch(nodes, work.tokens());
        if (above >= 0) {
            row[above] = 1;
        } else {
            above = -above - 1;
            double share =
                    (double) (work.tokens() - nodes[above - 1]) / (nodes[above] - nodes[above - 1]);
            row[above] = share;
            row[above - 1] = 1 - share;
        }
        row[nodes.length] = work.rows();
        row[nodes.length + 1] = work.prefillPairs();
        row[nodes.length + 2] = work.decodePairs();
    }

    /** Gaussian elimination with the largest pivot; the matrix is positive definite. */
    private static double[] eliminate(double[][] equations) {
        int unknowns = equations.length;
        for (int column = 0; column < unknowns; column++) {
            int pivot = column;
            for (int row = column + 1; row < unknowns; row++) {
                if (Math.abs(equations[row][column]) > Math.abs(equations[pivot][column])) {
                    pivot = row;
                }
            }
            double[] swap = equations[column];
            equations[column] = equations[pivot];
            equations[pivot] = swap;
            for (int row = column + 1; row < unknowns; row++) {
                double factor = equations[row][column] / equations[column][column];
                for (int i = column; i <= unknowns && factor != 0; i++) {
                    equations[row][i] -= factor * equations[column][i];
                }
            }
        }
        double[] solution = new double[unknowns];
        for (int row = unknowns - 1; row >= 0; row--) {
            double sum = equations[row][unknowns];
            for (int i = row + 1; i < unknowns; i++) {
                sum -= equations[row][i] * solution[i];
            }
            solution[row] = sum / equations[row][row];
        }
        return solution;
    }

    private record Timed(StepWork work, double nanos) {}
}
