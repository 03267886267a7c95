package dev.cairn.distribution.telemetry;

import java.math.BigDecimal;
import java.util.List;

/**
 * Writes the Prometheus text exposition format, version 0.0.4 (prometheus.io, "Exposition
 * formats"). One thread.
 */
final class PrometheusText {

    private final StringBuilder text = new StringBuilder(4096);

    void header(String name, String help, String type) {
        text.append("# HELP ").append(name).append(' ');
        escape(help, false);
        text.append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    void sample(String name, List<String> labels, String[] labelValues, double value) {
        text.append(name);
        if (!labels.isEmpty()) {
            text.append('{');
            labels(labels, labelValues);
            text.append('}');
        }
        text.append(' ').append(number(value)).append('\n');
    }

    void bucket(String name, List<String> labels, String[] labelValues, double bound, long count) {
        text.append(name).append("_bucket{");
        labels(labels, labelValues);
        if (!labels.isEmpty()) {
            text.append(',');
        }
        text.append("le=\"").append(number(bound)).append("\"} ");
        text.append(number(count)).append('\n');
    }

    private void labels(List<String> labels, String[] labelValues) {
        for (int i = 0; i < labelValues.length; i++) {
            if (i > 0) {
                text.append(',');
            }
            text.append(labels.get(i)).append("=\"");
            escape(labelValues[i], true);
            text.append('"');
        }
    }

    private void escape(String value, boolean quotes) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '"' -> text.append(quotes ? "\\\"" : "\"");
                default -> text.append(c);
            }
        }
    }

    /** As Prometheus' own clients write numbers: {@code 0.0001}, {@code 1.0}, {@code +Inf}. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        String shortest = Double.toString(value);
        double magnitude = Math.abs(value);
        if (shortest.indexOf('E') < 0 || magnitude < 1e-9 || magnitude >= 1e21) {
            return shortest;
        }
        String plain = new BigDecimal(shortest).stripTrailingZeros().toPlainString();
        return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
