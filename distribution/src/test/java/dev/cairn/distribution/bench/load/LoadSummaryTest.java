package dev.cairn.distribution.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.distribution.bench.client.Streamed.Problem;
import dev.cairn.distribution.bench.client.Streamed.TokenUsage;
import dev.cairn.distribution.bench.load.LoadSummary.TokenCheck;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadSummaryTest {

    private static final TokenUsage USAGE = new TokenUsage(10, 4, Optional.of(8L));

    /** TTFT 20 ms, then 30 ms for three more tokens. */
    private static final RequestRecord QUICK =
            Records.answered(0, 100, 155, USAGE, 120, 130, 140, 150);

    /** TTFT 400 ms, two chunks 90 ms apart for four tokens. */
    private static final RequestRecord SLOW = Records.answered(1, 0, 500, USAGE, 400, 490);

    @Test
    void latenciesAreThoseOfTheAnswered() {
        LoadSummary summary = summary(false, QUICK, SLOW, Records.failed(2, "http 500", "no"));

        assertThat(summary.requests()).isEqualTo(3);
        assertThat(summary.answered()).isEqualTo(2);
        assertThat(summary.firstToken().percentile(50)).isEqualTo(20);
        assertThat(summary.firstToken().max()).isEqualTo(400);
        assertThat(summary.perToken().percentile(50)).isEqualTo(10);
        assertThat(summary.perToken().max()).isEqualTo(30);
        assertThat(summary.betweenChunks().count()).isEqualTo(4);
        assertThat(summary.betweenChunks().max()).isEqualTo(90);
        assertThat(summary.endToEnd().mean()).isEqualTo((55 + 500) / 2.0);
        assertThat(summary.seconds()).isEqualTo(2);
        assertThat(summary.cpuShare()).isEqualTo(0.25);
    }

    @Test
    void tokensAreTheServersAndCheckedAgainstChunks() {
        RequestRecord silent = Records.answered(2, 0, 9, null, 1, 2, 3);
        RequestRecord odd =
                Records.answered(3, 0, 9, new TokenUsage(11, 1, Optional.empty()), 1, 2);
        LoadSummary summary = summary(false, QUICK, SLOW, silent, odd);

        assertThat(summary.outputTokens()).isEqualTo(4 + 4 + 3 + 1);
        assertThat(summary.promptTokens()).isEqualTo(10 + 10 + 10 + 11);
        assertThat(summary.cachedTokens()).isEqualTo(16);
        assertThat(summary.tokens()).isEqualTo(new TokenCheck(1, 4 + 2 + 3 + 2, 1, 2, 1));
    }

    @Test
    void whatWasBrokenOffByTheUserIsNoError() {
        RequestRecord broken = Records.failed(2, Problem.CANCELLED, "");
        RequestRecord skipped = Records.failed(3, Problem.SKIPPED, "");

        assertThat(summary(true, QUICK, broken, skipped).errors()).isEmpty();
        assertThat(summary(true, QUICK, broken, skipped).cancelled()).isEqualTo(2);
        assertThat(summary(false, QUICK, broken, skipped).errors())
                .isEqualTo(Map.of(Problem.CANCELLED, 1L, Problem.SKIPPED, 1L));
    }

    @Test
    void goodputCountsWhoKeptEveryLimit() {
        assertThat(good("ttft:500,tpot:50")).isEqualTo(2);
        assertThat(good("ttft:100")).isEqualTo(1);
        assertThat(good("tpot:29")).isEqualTo(1);
        assertThat(good("ttft:19,e2el:1000")).isZero();
        assertThat(good("ttft:20,tpot:10,e2el:55")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ttft",
                "ttft:",
                "ttft:0",
                "ttft:-1",
                "tpt:5",
                "ttft:5,ttft:6",
                "ttft:5:6",
                "ttft:x"
            })
    void anObjectiveThatMakesNoSenseIsRefused(String text) {
        assertThatThrownBy(() -> Slo.read(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no objective; write milliseconds");
    }

    @Test
    void ofNothingThereIsNothing() {
        LoadSummary summary = summary(true);
        assertThat(summary.firstToken().mean()).isNaN();
        assertThat(summary.cachedShare()).isNaN();
        assertThat(summary.lateMillis().count()).isZero();
        assertThat(summary.seconds()).isCloseTo(2, within(0.0));
    }

    private static int good(String slo) {
        return LoadSummary.of(
                        outcome(false, QUICK, SLOW, Records.failed(2, "x", "")), Slo.read(slo))
                .good();
    }

    private static LoadSummary summary(boolean stopped, RequestRecord... records) {
        return LoadSummary.of(outcome(stopped, records), Slo.none());
    }

    private static LoadRun.Outcome outcome(boolean stopped, RequestRecord... records) {
        return new LoadRun.Outcome(List.of(records), 2_000_000_000L, 500_000_000L, stopped);
    }
}
