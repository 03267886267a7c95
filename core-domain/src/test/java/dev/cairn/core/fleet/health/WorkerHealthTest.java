package dev.cairn.core.fleet.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.fleet.health.WorkerHealth.Presence;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a worker gets requests, in virtual time. */
class WorkerHealthTest {

    private static final HealthOptions OPTIONS =
            new HealthOptions(
                    Duration.ofSeconds(2),
                    Duration.ofMillis(500),
                    2,
                    3,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(10));

    private final WorkerHealth health = new WorkerHealth(OPTIONS, 0);

    @Test
    void nobodyGetsRequestsBeforeTheFirstLook() {
        assertThat(health.takes(0)).isFalse();
        assertThat(health.probeDue(0)).isTrue();
        assertThat(health.probeDue(0)).as("one look at a time").isFalse();
        health.probeSucceeded(millis(5));
        assertThat(health.takes(millis(5))).isTrue();
        assertThat(health.share(millis(5))).as("it was never away").isEqualTo(1);
        assertThat(health.probeDue(millis(2004))).isFalse();
        assertThat(health.probeDue(millis(2005))).isTrue();
    }

    @Test
    void aRefusedConnectionCountsAtOnceASilentOneAfterTwo() {
        here();
        assertThat(health.probeFailed(false, millis(1))).isFalse();
        assertThat(health.takes(millis(1))).isTrue();
        assertThat(health.probeFailed(false, millis(2))).isTrue();
        assertThat(health.presence()).isEqualTo(Presence.GONE);
        health.probeSucceeded(millis(3));
        assertThat(health.probeFailed(true, millis(4))).isTrue();
        assertThat(health.takes(millis(4))).isFalse();
    }

    @Test
    void whoIsGoneIsLookedAtTwiceASecondAndComesBackSlowly() {
        here();
        assertThat(health.disconnected(true, millis(100))).isTrue();
        assertThat(health.probeDue(millis(599))).isFalse();
        assertThat(health.probeDue(millis(600))).isTrue();
        health.probeSucceeded(millis(601));
        assertThat(health.takes(millis(601))).isTrue();
        assertThat(health.share(millis(601))).isEqualTo(0.1);
        assertThat(health.share(millis(5_601))).isEqualTo(0.5);
        assertThat(health.share(millis(10_601))).isEqualTo(1);
    }

    @Test
    void probesDoNotCloseABreaker() {
        here();
        for (int i = 0; i < 3; i++) {
            health.failed(millis(i));
        }
        assertThat(health.takes(millis(10))).isFalse();
        assertThat(health.state(millis(10))).isEqualTo("breaker-open");
        health.probeSucceeded(millis(11));
        assertThat(health.takes(millis(12))).isFalse();
        // Half open: one request, whose outcome decides.
        assertThat(health.takes(millis(1_002))).isTrue();
        health.begun();
        assertThat(health.takes(millis(1_003))).isFalse();
        health.failed(millis(1_004));
        assertThat(health.takes(millis(3_003))).as("twice as long now").isFalse();
        assertThat(health.takes(millis(3_004))).isTrue();
        health.begun();
        health.succeeded();
        assertThat(health.takes(millis(3_005))).isTrue();
        assertThat(health.state(millis(3_005))).isEqualTo("ready");
    }

    @Test
    void aTrialWhoseClientWentAwayDecidesNothing() {
        here();
        for (int i = 0; i < 3; i++) {
            health.failed(0);
        }
        health.begun();
        assertThat(health.takes(millis(1_000))).isFalse();
        health.undecided();
        assertThat(health.takes(millis(1_000))).isTrue();
    }

    private void here() {
        health.probeSucceeded(0);
    }

    private static long millis(long count) {
        return count * 1_000_000;
    }
}
