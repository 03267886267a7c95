package dev.cairn.distribution.bench.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsPageTest {

    private static final MetricsPage PAGE =
            MetricsPage.read(
                    """
                    # HELP tokens_total Tokens, by phase
                    # TYPE tokens_total counter
                    tokens_total{model="m",phase="prefill"} 120.0
                    tokens_total{model="m",phase="decode"} 8
                    tokens_total{model="n n",phase="decode"} 1.5e1
                    running 3

                    no sample at all
                    """);

    @Test
    void seriesOfANameAddUp() {
        assertThat(PAGE.sum("tokens_total")).hasValue(143);
        assertThat(PAGE.sum("tokens_total", "phase=\"decode\"")).hasValue(23);
        assertThat(PAGE.sum("running")).hasValue(3);
    }

    @Test
    void anUnknownNameIsNoZero() {
        assertThat(PAGE.sum("tokens")).isEmpty();
        assertThat(PAGE.sum("tokens_total", "phase=\"sleep\"")).isEmpty();
    }
}
