package dev.cairn.core.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.core.mailbox.Mailbox;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VirtualDriverTest {

    private final VirtualDriver driver = new VirtualDriver(7);
    private final List<String> heard = new ArrayList<>();

    @Test
    void timeJumpsFromEventToEventAndEventsOfOneInstantKeepTheirOrder() {
        Mailbox<String> mailbox = driver.open("one", (event, at) -> heard.add(event + "@" + at));
        driver.schedule(50, () -> mailbox.post("late"));
        driver.schedule(20, () -> mailbox.post("early"));
        mailbox.post("first");
        mailbox.post("second");
        driver.runUntilIdle();
        assertThat(heard).containsExactly("first@0", "second@0", "early@20", "late@50");
    }

    @Test
    void aCancelledTimerNeverFires() {
        Cancellation cancelled = driver.schedule(10, () -> heard.add("cancelled"));
        driver.schedule(5, cancelled::cancel);
        driver.schedule(15, () -> heard.add("fired"));
        driver.runUntilIdle();
        assertThat(heard).containsExactly("fired");
        assertThat(driver.handled()).isEqualTo(2);
    }

    @Test
    void aClosedMailboxHandsOverWhatWasPostedBefore() {
        Mailbox<String> mailbox = driver.open("one", (event, _) -> heard.add(event));
        mailbox.post("before");
        mailbox.close();
        mailbox.post("after");
        driver.runUntilIdle();
        assertThat(heard).containsExactly("before");
    }

    @Test
    void aRunStopsAtTheTimeThatWasGiven() {
        driver.schedule(10, () -> heard.add("ten"));
        driver.schedule(30, () -> heard.add("thirty"));
        driver.runUntil(20);
        assertThat(heard).containsExactly("ten");
        assertThat(driver.nanos()).isEqualTo(20);
    }

    @Test
    void aTurnThatThrowsEndsTheRun() {
        Mailbox<String> mailbox =
                driver.open(
                        "broken",
                        (event, _) -> {
                            throw new IllegalStateException(event);
                        });
        mailbox.post("a bug");
        assertThatThrownBy(driver::runUntilIdle).hasMessage("a bug");
    }

    @Test
    void machinesThatNeverRestAreStopped() {
        List<Mailbox<String>> self = new ArrayList<>();
        self.add(driver.open("restless", (event, _) -> self.getFirst().post(event)));
        self.getFirst().post("again");
        assertThatThrownBy(() -> driver.runUntilIdle(1000)).hasMessageContaining("1000 events");
    }

    @Test
    void sequencesOfRandomNumbersRepeatAndDoNotShiftEachOther() {
        SeededRandom lone = new VirtualDriver(7).random("arrivals");
        SeededRandom other = driver.random("lengths");
        SeededRandom beside = driver.random("arrivals");
        for (int i = 0; i < 100; i++) {
            long value = beside.nextLong();
            assertThat(value).isEqualTo(lone.nextLong()).isNotEqualTo(other.nextLong());
        }
    }

    @Test
    void theTimeBetweenArrivalsHasTheMeanThatWasAsked() {
        SeededRandom random = driver.random("arrivals");
        double sum = 0;
        for (int i = 0; i < 100_000; i++) {
            sum += random.nextExponential(3);
        }
        assertThat(sum / 100_000).isBetween(2.95, 3.05);
    }
}
