package dev.cairn.distribution.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsTest {

    private final ProgramTelemetry telemetry = new ProgramTelemetry(Spans.passing());

    @Test
    void countersStandOnThePage() {
        Telemetry.Counter counter =
                telemetry.counter("vllm:prompt_tokens_total", "Tokens.", List.of("model_name"));
        counter.add(3, "tiny");
        counter.add(2.5, "tiny");

        assertThat(telemetry.metricsPage())
                .isEqualTo(
                        """
                        # HELP vllm:prompt_tokens_total Tokens.
                        # TYPE vllm:prompt_tokens_total counter
                        vllm:prompt_tokens_total{model_name="tiny"} 5.5
                        """);
    }

    @Test
    void histogramsCumulateTheirBuckets() {
        Telemetry.Histogram histogram =
                telemetry.histogram("cairn:wait_seconds", "Wait.", List.of(), 0.001, 0.1, 5);
        histogram.record(0.1);
        histogram.record(0.05);
        histogram.record(7);

        assertThat(telemetry.metricsPage())
                .isEqualTo(
                        """
                        # HELP cairn:wait_seconds Wait.
                        # TYPE cairn:wait_seconds histogram
                        cairn:wait_seconds_bucket{le="0.001"} 0.0
                        cairn:wait_seconds_bucket{le="0.1"} 2.0
                        cairn:wait_seconds_bucket{le="5.0"} 2.0
                        cairn:wait_seconds_bucket{le="+Inf"} 3.0
                        cairn:wait_seconds_sum 7.15
                        cairn:wait_seconds_count 3.0
                        """);
    }

    @Test
    void gaugesAreReadWhenThePageIsMadeAndReplacedWhenRegisteredAgain() {
        telemetry.gauge("cairn:blocks", "Blocks.", Map.of("pool", "a"), () -> 1);
        telemetry.gauge("cairn:blocks", "Blocks.", Map.of("pool", "a"), () -> 2);
        telemetry.gauge(
                "cairn:blocks",
                "Blocks.",
                Map.of("pool", "b"),
                () -> {
                    throw new IllegalStateException("closed");
                });

        assertThat(telemetry.metricsPage())
                .contains("cairn:blocks{pool=\"a\"} 2.0\ncairn:blocks{pool=\"b\"} NaN\n");
    }

    @Test
    void whatClientsSendIsEscaped() {
        telemetry
                .counter("cairn:requests_total", "Back\\slash\nand line.", List.of("path"))
                .add(1, "a\"b\\c\nd");

        assertThat(telemetry.metricsPage())
                .isEqualTo(
                        "# HELP cairn:requests_total Back\\\\slash\\nand line.\n"
                                + "# TYPE cairn:requests_total counter\n"
                                + "cairn:requests_total{path=\"a\\\"b\\\\c\\nd\"} 1.0\n");
    }

    @Test
    void labelValuesOfClientsCannotFillTheMemory() {
        Telemetry.Counter counter =
                telemetry.counter("cairn:requests_total", "R.", List.of("model"));
        for (int i = 0; i < 10 * MetricFamily.MOST_SERIES; i++) {
            counter.add(1, "model-" + i);
        }

        String page = telemetry.metricsPage();
        assertThat(page.lines()).hasSize(2 + MetricFamily.MOST_SERIES + 1);
        assertThat(page).contains("{model=\"(other)\"} " + (9.0 * MetricFamily.MOST_SERIES) + "\n");
    }

    @Test
    void oneNameIsOneInstrument() {
        assertThat(telemetry.counter("cairn:a_total", "A.", List.of()))
                .isSameAs(telemetry.counter("cairn:a_total", "A.", List.of()));
        assertThatThrownBy(() -> telemetry.histogram("cairn:a_total", "A.", List.of(), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is a counter");
        assertThatThrownBy(() -> telemetry.counter("no name", "A.", List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1.0",
        "0.0001, 0.0001",
        "12345678, 12345678.0",
        "1e10, 10000000000.0",
        "Infinity, +Inf",
        "NaN, NaN",
        "0, 0.0"
    })
    void numbersAreWrittenForPrometheus(double value, String text) {
        assertThat(PrometheusText.number(value)).isEqualTo(text);
    }
}
