package dev.cairn.relaying;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.relay.FollowedEngines;
import dev.cairn.core.relay.PromptReading;
import dev.cairn.core.route.LiveIndex;
import dev.cairn.core.route.PrefixIndex;
import dev.cairn.core.route.PrefixIndexOptions;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.engine.models.ModelsPlugin;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.tck.Patience;
import dev.cairn.transport.events.Dialect;
import dev.cairn.transport.events.EventOptions;
import dev.cairn.transport.events.ZmqKvEvents;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Relayed requests follow the blocks that engines tell of, through resets and restarts. */
class RelayedEventsIT {

    private static final int MOST_WORKERS = 1024;

    /** Maven runs tests in the module's folder. */
    private static final String MODEL =
            Path.of("bundled-model", "cairn-pebble").toAbsolutePath().toString();

    private final TextCodec codec =
            ModelsPlugin.formats().stream()
                    .filter(format -> format.recognises(MODEL))
                    .findFirst()
                    .orElseThrow()
                    .openCodec(MODEL);
    private final ThreadMailboxes mailboxes = new ThreadMailboxes(SystemClock.INSTANCE);
    private final SystemTimers timers = new SystemTimers();
    private final ZmqKvEvents heard =
            new ZmqKvEvents(
                    Dialect.VLLM,
                    new EventOptions(
                            "tcp://127.0.0.1:*",
                            "tcp://127.0.0.1:*",
                            Optional.empty(),
                            "",
                            false,
                            new EventOptions.Limits(1_000, 1_000, 1 << 20, 1 << 20)));
    private final PrefixIndex index =
            new PrefixIndex(new PrefixIndexOptions(1 << 16, MOST_WORKERS));
    private final FollowedEngines followed =
            new FollowedEngines(
                    new LiveIndex(index, mailboxes, timers, Telemetry.none()),
                    _ -> Optional.of(heard));
    private final PromptReading reading =
            new PromptReading(Map.of("", codec), mailboxes, Telemetry.none());

    @AfterEach
    void end() throws InterruptedException {
        followed.close();
        reading.close();
        heard.close();
        mailboxes.close();
        timers.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"VLLM", "VLLM_ARRAY"})
    void requestsGoWhereTheirBlocksAre(Dialect dialect) {
        try (var one = new TellingEngine("one", codec, dialect);
                var two = new TellingEngine("two", codec, dialect);
                var relay =
                        RelayUnderTest.following(
                                followed, reading, one.spelling(), two.spelling())) {
            // Asked directly, so that nothing but events can tell the relay.
            one.keep(chat("the first document", "hello"));
            two.keep(chat("the second document", "hello"));
            Patience.until("both are known", () -> known(0) && known(1));
            for (int i = 0; i < 8; i++) {
                assertThat(answer(relay, chat("the first document", "question " + i)))
                        .contains("\"one\"");
                assertThat(one.cachedTokens()).isPositive();
                assertThat(answer(relay, chat("the second document", "question " + i)))
                        .contains("\"two\"");
            }
            assertThat(relay.get("/v1/cairn/workers").body()).contains("\"block_tokens\":8");

            long before = held(0);
            one.reset();
            Patience.until("the reset is known", () -> held(0) == 0);
            two.keep(chat("the first document", "hello"));
            Patience.until("two holds it now", () -> held(1) > before / 2);
            for (int i = 0; i < 4; i++) {
                assertThat(answer(relay, chat("the first document", "later " + i)))
                        .contains("\"two\"");
            }

            two.restart();
            Patience.until("two is forgotten", () -> held(1) == 0);
            one.keep(chat("the second document", "hello"));
            Patience.until("one is known again", () -> held(0) > 0);
            assertThat(answer(relay, chat("the second document", "at last"))).contains("\"one\"");
            two.keep(chat("a third document", "hello"));
            Patience.until("who came back is heard", () -> held(1) > 0);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "VLLM")
    void saltsKeepPromptsApart(Dialect dialect) {
        try (var one = new TellingEngine("one", codec, dialect);
                var two = new TellingEngine("two", codec, dialect);
                var relay =
                        RelayUnderTest.following(
                                followed, reading, one.spelling(), two.spelling())) {
            one.keep(salted("a", "the document"));
            two.keep(salted("b", "the document"));
            Patience.until("both are known", () -> known(0) && known(1));
            for (int i = 0; i < 4; i++) {
                assertThat(answer(relay, salted("a", "the document"))).contains("\"one\"");
                assertThat(answer(relay, salted("b", "the document"))).contains("\"two\"");
            }
        }
    }

    private boolean known(int worker) {
        return followed.blockTokens(worker) > 0 && held(worker) > 0;
    }

    private long held(int worker) {
        return index.digest(worker, 0).blocks();
    }

    private static String answer(RelayUnderTest relay, String body) {
        return relay.post(RelayUnderTest.CHAT, body).body();
    }

    private static String salted(String salt, String document) {
        return chat(document, "hello")
                .replace("{\"model\"", "{\"cache_salt\":\"" + salt + "\",\"model\"");
    }

    private static String chat(String document, String question) {
        return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                + (document + " says much, and says it again. ").repeat(20)
                + question
                + "\"}]}";
    }
}
