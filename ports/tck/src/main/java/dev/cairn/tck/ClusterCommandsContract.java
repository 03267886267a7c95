package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.fleet.ClusterCommands.CommandException;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * What operators rely on in {@link ClusterCommands}: an answer, or a failure that says why there is
 * none. Asks one member another; where there is only one, itself.
 */
public abstract class ClusterCommandsContract {

    private static final Duration LONG = Duration.ofMinutes(1);

    /** Who asks. */
    protected abstract ClusterCommands commands();

    /** Who answers; may be the same. */
    protected abstract ClusterCommands answering();

    /** Its id. */
    protected abstract String answeringId();

    @Test
    protected void aCommandIsAnswered() {
        String name = newName();
        answering()
                .handle(
                        name,
                        argument ->
                                JsonObject.builder()
                                        .put("got", argument)
                                        .put("text", "fünf Blöcke")
                                        .build());
        JsonValue argument = JsonObject.builder().put("tokens", 17).put("on", true).build();
        assertThat(ask(name, argument, LONG).join())
                .isEqualTo(
                        JsonObject.builder()
                                .put("got", argument)
                                .put("text", "fünf Blöcke")
                                .build());
    }

    @Test
    protected void anUnknownCommandIsSaidToBeUnknown() {
        assertFails(ask("nobody-does-this", JsonObject.empty(), LONG), "nobody-does-this");
    }

    @Test
    protected void aFailureReachesWhoAsked() {
        String name = newName();
        answering()
                .handle(
                        name,
                        argument -> {
                            throw new IllegalStateException("the disk is full");
                        });
        assertFails(ask(name, JsonObject.empty(), LONG), "the disk is full");
    }

    @Test
    protected void aMemberThatIsNotThereFails() {
        CompletableFuture<JsonValue> answer = new CompletableFuture<>();
        commands().ask("nobody", "anything", JsonObject.empty(), LONG, completing(answer));
        assertFails(answer, "nobody");
    }

    @Test
    protected void whoDoesNotAnswerInTimeFails() {
        String name = newName();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        answering()
                .handle(
                        name,
                        argument -> {
                            asked.countDown();
                            await(over);
                            return JsonObject.empty();
                        });
        CompletableFuture<JsonValue> answer = ask(name, JsonObject.empty(), Duration.ofMillis(300));
        await(asked);
        assertFails(answer, "in time", "within");
        over.countDown();
    }

    /** A handler that takes its time holds up no other. */
    @Test
    protected void aSlowCommandLetsOthersPass() {
        String slow = newName();
        String quick = newName();
        CountDownLatch over = new CountDownLatch(1);
        answering()
                .handle(
                        slow,
                        argument -> {
                            await(over);
                            return argument;
                        });
        answering().handle(quick, argument -> argument);
        CompletableFuture<JsonValue> waiting = ask(slow, JsonObject.empty(), LONG);
        assertThat(ask(quick, JsonObject.empty(), LONG).join()).isEqualTo(JsonObject.empty());
        assertThat(waiting).isNotDone();
        over.countDown();
        assertThat(waiting.join()).isEqualTo(JsonObject.empty());
    }

    @Test
    protected void aNameHasOneHandler() {
        String name = newName();
        commands().handle(name, argument -> argument);
        assertThatThrownBy(() -> commands().handle(name, argument -> argument))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    private CompletableFuture<JsonValue> ask(String name, JsonValue argument, Duration atMost) {
        CompletableFuture<JsonValue> answer = new CompletableFuture<>();
        commands().ask(answeringId(), name, argument, atMost, completing(answer));
        return answer;
    }

    private static Completion<JsonValue> completing(CompletableFuture<JsonValue> answer) {
        return new Completion<>() {
            @Override
            public void completed(JsonValue result) {
                answer.complete(result);
            }

            @Override
            public void failed(Throwable failure) {
                answer.completeExceptionally(failure);
            }
        };
    }

    /** Fails in a way that its message tells one of these. */
    private static void assertFails(CompletableFuture<JsonValue> answer, String... tells) {
        assertThatThrownBy(answer::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(CommandException.class)
                .message()
                .containsAnyOf(tells);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    private static String newName() {
        return "tck-" + UUID.randomUUID();
    }
}
