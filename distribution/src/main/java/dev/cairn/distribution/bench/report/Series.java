package dev.cairn.distribution.bench.report;

import java.util.List;

/**
 * Points of a plot that belong together.
 *
 * @param joined whether a line runs through them; else each is a dot
 */
public record Series(String name, boolean joined, List<Point> points) {

    public Series {
        points =
                points.stream()
                        .filter(each -> Double.isFinite(each.x()) && Double.isFinite(each.y()))
                        .toList();
    }

    /** One value of a plot. */
    public record Point(double x, double y) {}
}
