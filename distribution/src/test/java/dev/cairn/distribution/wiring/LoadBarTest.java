package dev.cairn.distribution.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A bar grows by what was done, is written a few times a second at most, and leaves nothing. */
class LoadBarTest {

    private static final long MIB = 1 << 20;
    private static final String GONE = "\r\u001b[K";

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private long nanos;
    private final LoadBar bar =
            new LoadBar(
                    new PrintStream(written, true, StandardCharsets.UTF_8), "tiny", () -> nanos);

    @Test
    void itGrowsAndGoes() {
        bar.begin("packing weights", 3000 * MIB);
        bar.advanced(1000 * MIB);
        assertThat(shown())
                .isEqualTo(
                        "\rtiny: packing weights [##########--------------------] 1,000 of 3,000"
                                + " MiB\u001b[K");
        bar.advanced(100 * MIB);
        nanos += 199_999_999;
        bar.advanced(100 * MIB);
        assertThat(shown()).as("too soon").isEmpty();
        nanos++;
        bar.advanced(300 * MIB);
        assertThat(shown()).contains("[###############---------------] 1,500 of 3,000 MiB");
        nanos += 1_000_000_000;
        bar.advanced(1500 * MIB);
        assertThat(shown()).isEqualTo(GONE);
    }

    @Test
    void anotherPieceOfWorkBeginsAtNothing() {
        bar.begin("reading", 2 * MIB);
        bar.advanced(2 * MIB);
        shown();
        bar.begin("packing", 4 * MIB);
        bar.advanced(MIB);
        assertThat(shown()).contains("packing", "1 of 4 MiB");
    }

    @Test
    void whatFailsHalfWayLeavesNothing() {
        bar.close();
        assertThat(shown()).as("nothing was begun").isEmpty();
        bar.begin("packing", 4 * MIB);
        bar.advanced(MIB);
        shown();
        bar.close();
        assertThat(shown()).isEqualTo(GONE);
    }

    private String shown() {
        String text = written.toString(StandardCharsets.UTF_8);
        written.reset();
        return text;
    }
}
