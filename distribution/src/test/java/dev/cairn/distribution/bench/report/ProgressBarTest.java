package dev.cairn.distribution.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final AtomicLong clock = new AtomicLong();
    private final ProgressBar bar =
            new ProgressBar(
                    new PrintStream(out, true, StandardCharsets.UTF_8), "chat", 4, clock::get);

    @Test
    void itSaysWhatIsDoneAndWhatRuns() {
        bar.sent();
        bar.sent();
        bar.ended(true, 100);
        bar.sent();
        bar.ended(false, 0);

        assertThat(bar.line(2_000_000_000))
                .isEqualTo(
                        "chat [###############---------------] 2 of 4, 1 running, 50 tokens/s, 2 s, 1 failed");
    }

    @Test
    void itIsWrittenFiveTimesASecondAtMost() {
        for (int i = 0; i < 1000; i++) {
            clock.addAndGet(1_000_000);
            bar.sent();
        }
        assertThat(out.toString(StandardCharsets.UTF_8).chars().filter(c -> c == '\r')).hasSize(5);
    }
}
