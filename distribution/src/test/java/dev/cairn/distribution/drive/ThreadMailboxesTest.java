package dev.cairn.distribution.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.mailbox.Mailbox;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ThreadMailboxesTest {

    private final ThreadMailboxes mailboxes = new ThreadMailboxes(SystemClock.INSTANCE);

    @Test
    void eventsComeInOrderOnOneThreadAndNoneIsLostByTheEnd() {
        List<Integer> seen = new ArrayList<>();
        Set<Thread> threads = new HashSet<>();
        Mailbox<Integer> mailbox =
                mailboxes.open(
                        "test",
                        (event, nanos) -> {
                            seen.add(event);
                            threads.add(Thread.currentThread());
                        });
        List<Integer> posted = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            posted.add(i);
            mailbox.post(i);
        }
        mailboxes.close();

        assertThat(seen).isEqualTo(posted);
        assertThat(threads).hasSize(1);
        assertThat(threads.iterator().next().isVirtual()).isFalse();
    }

    @Test
    void aTurnThatThrowsDoesNotEndTheMachine() {
        List<Integer> seen = new ArrayList<>();
        Mailbox<Integer> mailbox =
                mailboxes.open(
                        "test",
                        (event, nanos) -> {
                            if (event == 1) {
                                throw new IllegalStateException("planted");
                            }
                            if (event == 2) {
                                throw new AssertionError("planted");
                            }
                            seen.add(event);
                        });
        for (int i = 0; i < 4; i++) {
            mailbox.post(i);
        }
        mailboxes.close();

        assertThat(seen).containsExactly(0, 3);
    }

    @Test
    void eventsPostedAfterTheEndAreDropped() {
        List<Integer> seen = new ArrayList<>();
        Mailbox<Integer> mailbox = mailboxes.open("test", (event, nanos) -> seen.add(event));
        mailbox.close();
        mailbox.close();
        mailbox.post(1);
        mailboxes.close();

        assertThat(seen).isEmpty();
    }

    @Test
    void machinesThatCallAPluginHaveItsContextClassLoader() {
        ClassLoader plugin = new ClassLoader("plugin", null) {};
        List<ClassLoader> seen = new ArrayList<>();
        Mailbox<Integer> mailbox =
                mailboxes
                        .withContext(plugin)
                        .open(
                                "test",
                                (event, nanos) ->
                                        seen.add(Thread.currentThread().getContextClassLoader()));
        mailbox.post(1);
        mailboxes.close();

        assertThat(seen).containsExactly(plugin);
    }
}
