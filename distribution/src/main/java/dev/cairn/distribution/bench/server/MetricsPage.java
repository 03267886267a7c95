package dev.cairn.distribution.bench.server;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Samples of a page in Prometheus' text format. Lines that are none are passed over. */
public record MetricsPage(List<Sample> samples) {

    public MetricsPage {
        samples = List.copyOf(samples);
    }

    /**
     * A line of the page.
     *
     * @param labels as written between the braces
     */
    public record Sample(String name, String labels, double value) {}

    static MetricsPage read(String page) {
        List<Sample> samples = new ArrayList<>();
        for (String line : page.split("\n", -1)) {
            int blank = line.lastIndexOf(' ');
            if (line.startsWith("#") || blank <= 0) {
                continue;
            }
            String series = line.substring(0, blank);
            int brace = series.indexOf('{');
            try {
                samples.add(
                        new Sample(
                                brace < 0 ? series : series.substring(0, brace),
                                brace < 0 ? "" : series.substring(brace + 1, series.length() - 1),
                                Double.parseDouble(line.substring(blank + 1))));
            } catch (NumberFormatException other) {
                // A timestamp, or a value that no counter has.
            }
        }
        return new MetricsPage(samples);
    }

    /** The sum of all series of that name; empty if there is none. */
    public OptionalDouble sum(String name) {
        return sum(name, "");
    }

    /** As {@link #sum(String)}, of the series that have the label, as in {@code phase="decode"}. */
    public OptionalDouble sum(String name, String label) {
        double[] values =
                samples.stream()
                        .filter(each -> each.name().equals(name) && each.labels().contains(label))
                        .mapToDouble(Sample::value)
                        .toArray();
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum);
    }
}
