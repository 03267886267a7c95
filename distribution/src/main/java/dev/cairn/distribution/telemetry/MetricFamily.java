package dev.cairn.distribution.telemetry;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * One metric: its name, its labels, and a series per combination of their values.
 *
 * <p>Series are found by a scan over an array that is copied when one is added: label values are
 * few, and recording then allocates nothing. The number of series is bounded, because label values
 * may come from clients; what is beyond the bound is counted together.
 *
 * @param <S> what is kept per series
 */
abstract class MetricFamily<S> {

    /** Most series of a metric. */
    static final int MOST_SERIES = 512;

    private static final String OVERFLOW = "(other)";
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    private final String name;
    private final String help;
    private final List<String> labels;
    private final Function<String[], S> maker;
    private volatile Entry<S>[] entries = none();

    MetricFamily(String name, String help, List<String> labels, Function<String[], S> maker) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("\"" + name + "\" is no metric name");
        }
        for (String label : labels) {
            if (!LABEL.matcher(label).matches() || label.equals("le")) {
                throw new IllegalArgumentException(
                        "\"" + label + "\" is no label name, in metric " + name);
            }
        }
        this.name = name;
        this.help = help;
        this.labels = List.copyOf(labels);
        this.maker = maker;
        if (labels.isEmpty()) {
            series();
        }
    }

    final String name() {
        return name;
    }

    final List<String> labels() {
        return labels;
    }

    /** The word after {@code # TYPE}. */
    abstract String type();

    /** Writes one series. */
    abstract void write(PrometheusText page, String[] labelValues, S series);

    final void write(PrometheusText page) {
        page.header(name, help, type());
        for (Entry<S> entry : entries) {
            write(page, entry.labelValues(), entry.series());
        }
    }

    /** The series of these label values, made if it is new. */
    final S series(String... labelValues) {
        S found = find(labelValues);
        return found != null ? found : add(labelValues.clone());
    }

    private S find(String[] labelValues) {
        for (Entry<S> entry : entries) {
            if (Arrays.equals(entry.labelValues(), labelValues)) {
                return entry.series();
            }
        }
        return null;
    }

    private synchronized S add(String[] labelValues) {
        if (labelValues.length != labels.size()) {
            throw new IllegalArgumentException(
                    "metric %s has labels %s, got values %s"
                            .formatted(name, labels, Arrays.toString(labelValues)));
        }
        String[] key = labelValues;
        if (entries.length >= MOST_SERIES) {
            key = new String[labelValues.length];
            Arrays.fill(key, OVERFLOW);
        }
        S found = find(key);
        if (found != null) {
            return found;
        }
        Entry<S> entry = new Entry<>(key, maker.apply(key));
        Entry<S>[] longer = Arrays.copyOf(entries, entries.length + 1);
        longer[longer.length - 1] = entry;
        entries = longer;
        return entry.series();
    }

    // An array of a generic type can be made in no other way.
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <S> Entry<S>[] none() {
        return new Entry[0];
    }

    // The array is made once and shown to nobody who would change it.
    @SuppressWarnings("ArrayRecordComponent")
    private record Entry<S>(String[] labelValues, S series) {}
}
