package dev.cairn.distribution.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * A plot as SVG: linear axes from zero with round ticks, colours that the page's style names.
 *
 * @param xLabel with its unit
 * @param yLabel with its unit
 */
public record Plot(String title, String xLabel, String yLabel, List<Series> series) {

    private static final int WIDTH = 560;
    private static final int HEIGHT = 280;
    private static final int LEFT = 62;
    private static final int RIGHT = 20;
    private static final int TOP = 34;
    private static final int BOTTOM = 44;
    private static final int MOST_TICKS = 6;
    private static final int FEW_POINTS = 20;

    public Plot {
        series = List.copyOf(series);
    }

    /** For a page. */
    public String svg() {
        Axis x =
                Axis.upTo(
                        series.stream()
                                .flatMap(each -> each.points().stream())
                                .mapToDouble(Series.Point::x)
                                .max()
                                .orElse(1));
        Axis y =
                Axis.upTo(
                        series.stream()
                                .flatMap(each -> each.points().stream())
                                .mapToDouble(Series.Point::y)
                                .max()
                                .orElse(1));
        StringBuilder out = new StringBuilder(4096);
        add(
                out,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\"><title>%s</title>",
                WIDTH,
                HEIGHT,
                Markup.text(title),
                Markup.text(title));
        label(out, "head", LEFT, 16, "start", title);
        for (double tick = 0; tick <= x.end() * 1.0001; tick += x.step()) {
            double at = right(x, tick);
            add(
                    out,
                    "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>",
                    at,
                    TOP,
                    at,
                    HEIGHT - BOTTOM);
            label(out, "tick", at, HEIGHT - BOTTOM + 15, "middle", x.shown(tick));
        }
        for (double tick = 0; tick <= y.end() * 1.0001; tick += y.step()) {
            double at = down(y, tick);
            add(
                    out,
                    "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>",
                    LEFT,
                    at,
                    WIDTH - RIGHT,
                    at);
            label(out, "tick", LEFT - 6, at + 4, "end", y.shown(tick));
        }
        label(out, "axis", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", xLabel);
        add(
                out,
                "<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(13 %d) rotate(-90)\">%s</text>",
                (TOP + HEIGHT - BOTTOM) / 2,
                Markup.text(yLabel));
        for (int i = 0; i < series.size(); i++) {
            draw(out, i, series.get(i), x, y);
            if (series.size() > 1 && !series.get(i).name().isEmpty()) {
                double at = WIDTH - RIGHT - 90.0 * (series.size() - i);
                add(
                        out,
                        "<rect class=\"f%d\" x=\"%.1f\" y=\"8\" width=\"10\" height=\"10\"/>",
                        i,
                        at);
                label(out, "tick", at + 14, 17, "start", series.get(i).name());
            }
        }
        return out.append("</svg>\n").toString();
    }

    private static void draw(StringBuilder out, int index, Series series, Axis x, Axis y) {
        if (series.joined()) {
            add(out, "<polyline class=\"s%d\" points=\"", index);
            series.points()
                    .forEach(each -> add(out, "%.1f,%.1f ", right(x, each.x()), down(y, each.y())));
            out.append("\"/>");
        } else {
            double radius = series.points().size() < FEW_POINTS ? 3.5 : 1.8;
            series.points()
                    .forEach(
                            each ->
                                    add(
                                            out,
                                            "<circle class=\"f%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>",
                                            index,
                                            right(x, each.x()),
                                            down(y, each.y()),
                                            radius));
        }
    }

    private static double right(Axis axis, double value) {
        return LEFT + (WIDTH - LEFT - RIGHT) * value / axis.end();
    }

    private static double down(Axis axis, double value) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / axis.end();
    }

    private static void label(
            StringBuilder out, String style, double x, double y, String anchor, String text) {
        add(
                out,
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
                style,
                x,
                y,
                anchor,
                Markup.text(text));
    }

    private static void add(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }

    /**
     * An axis from zero.
     *
     * @param step between ticks: 1, 2 or 5 times a power of ten
     */
    record Axis(double end, double step) {

        static Axis upTo(double most) {
            double end = most > 0 ? most : 1;
            double power = Math.pow(10, Math.floor(Math.log10(end / MOST_TICKS)));
            double step = 10 * power;
            for (double factor : new double[] {5, 2, 1}) {
                step = end / (factor * power) <= MOST_TICKS ? factor * power : step;
            }
            return new Axis(Math.ceil(end / step) * step, step);
        }

        String shown(double tick) {
            int digits = (int) Math.clamp(Math.ceil(-Math.log10(step) - 1e-9), 0, 9);
            return String.format(Locale.ROOT, "%." + digits + "f", tick);
        }
    }
}
