package dev.cairn.transport.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who is judged by his silence, and by how much of it. */
class SilenceTest {

    private static final long MILLI = 1_000_000;
    private static final long PAUSE = 250 * MILLI;
    private static final long USUAL = 2_000 * MILLI;

    @Test
    void regularLooksSeeAllOfTheTime() {
        var time = new WatchedTime(PAUSE, 0);
        for (int look = 1; look <= 40; look++) {
            time.look(look * PAUSE);
        }
        assertThat(time.nanos()).isEqualTo(40 * PAUSE);
    }

    /** A process that was stopped for a minute has seen no minute of silence. */
    @Test
    void aPauseOfOnesOwnCountsAsOneLook() {
        var time = new WatchedTime(PAUSE, 0);
        time.look(PAUSE);
        time.look(60_000 * MILLI);
        assertThat(time.nanos()).isEqualTo(2 * PAUSE).isLessThan(USUAL);
        time.look(60_000 * MILLI + PAUSE);
        assertThat(time.nanos()).isEqualTo(3 * PAUSE);
    }

    @Test
    void whoComesBackMayBeSilentTwiceAsLong() {
        var patience = new SilencePatience(USUAL);
        patience.heard(0);
        assertThat(patience.nanos(0)).isEqualTo(USUAL);
        for (int i = 0; i < 5; i++) {
            patience.gaveUp();
            assertThat(patience.nanos(0)).isEqualTo(Math.min(8, 1 << i) * USUAL);
            patience.heard(0);
            patience.heard(0);
        }
        assertThat(patience.nanos(0)).isEqualTo(SilencePatience.MOST * USUAL);
    }

    @Test
    void everyQuietMinuteHalvesThat() {
        var patience = new SilencePatience(USUAL);
        for (int i = 0; i < 3; i++) {
            patience.gaveUp();
            patience.heard(0);
        }
        assertThat(patience.nanos(60_000 * MILLI)).isEqualTo(8 * USUAL);
        assertThat(patience.nanos(60_001 * MILLI)).isEqualTo(4 * USUAL);
        assertThat(patience.nanos(120_001 * MILLI)).isEqualTo(2 * USUAL);
        assertThat(patience.nanos(10_000_000 * MILLI)).isEqualTo(USUAL);
    }
}
