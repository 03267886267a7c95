package dev.cairn.distribution.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.client.ScriptedServer;
import dev.cairn.distribution.bench.prompt.Api;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.prompt.Session;
import dev.cairn.distribution.bench.prompt.Turn;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LoadRunIT {

    private static final String ANSWER =
            ScriptedServer.events("{\"choices\":[{\"text\":\"yes\"}]}", "[DONE]")
                    + ScriptedServer.end();
    private static final String REFUSAL = "HTTP/1.1 500 Broken\r\nContent-Length: 2\r\n\r\nno";

    @Test
    void aTurnGoesOnFromTheAnswerBeforeIt() throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(ANSWER, ANSWER, ANSWER)) {
            LoadRun.Outcome outcome = run(server, conversation(3));

            assertThat(outcome.records()).allMatch(record -> record.answer().answered());
            assertThat(server.bodies())
                    .satisfiesExactly(
                            first -> assertThat(first).contains("\"prompt\":\"q0\""),
                            second -> assertThat(second).contains("\"prompt\":\"q0\\nyes\\nq1\""),
                            third ->
                                    assertThat(third)
                                            .contains("\"prompt\":\"q0\\nyes\\nq1\\nyes\\nq2\""));
        }
    }

    @Test
    void whatBuildsOnAFailedTurnIsSkipped() throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(ANSWER, REFUSAL)) {
            LoadSummary summary = LoadSummary.of(run(server, conversation(4)), Slo.none());

            assertThat(summary.answered()).isEqualTo(1);
            assertThat(summary.errors()).isEqualTo(Map.of("http 500", 1L, "skipped", 2L));
        }
    }

    @Test
    void aRunThatIsStoppedReportsWhatThereIs() throws Exception {
        String unending = ScriptedServer.events("{\"choices\":[{\"text\":\"and\"}]}");
        try (ScriptedServer server = ScriptedServer.answering(ANSWER, unending);
                LoadClient client = new LoadClient(server.url(), Duration.ofSeconds(60))) {
            CountDownLatch secondSent = new CountDownLatch(2);
            Progress progress =
                    new Progress() {
                        @Override
                        public void sent() {
                            secondSent.countDown();
                        }

                        @Override
                        public void ended(boolean answered, long outputTokens) {}
                    };
            LoadRun run = new LoadRun(client, requests(), progress);
            List<Session> sessions = List.of(session(0, turn(0)), session(1, turn(1)));
            CompletableFuture<LoadRun.Outcome> outcome =
                    CompletableFuture.supplyAsync(() -> run.run(sessions, new Pace.Closed(1)));
            secondSent.await();
            run.stop();
            LoadSummary summary = LoadSummary.of(outcome.join(), Slo.none());

            assertThat(summary.answered()).isEqualTo(1);
            assertThat(summary.cancelled()).isEqualTo(1);
            assertThat(summary.errors()).isEmpty();
        }
    }

    private static LoadRun.Outcome run(ScriptedServer server, Session session) {
        try (LoadClient client = new LoadClient(server.url(), Duration.ofSeconds(60))) {
            return new LoadRun(client, requests(), Progress.SILENT)
                    .run(List.of(session), new Pace.Closed(1));
        }
    }

    private static Requests requests() {
        return new Requests(Api.COMPLETIONS, "m", Optional.empty(), JsonObject.empty());
    }

    private static Session conversation(int turns) {
        Turn[] all = new Turn[turns];
        for (int i = 0; i < turns; i++) {
            all[i] = turn(i);
        }
        return session(0, all);
    }

    private static Session session(int index, Turn... turns) {
        List<Turn> fitting = turns.length == 1 ? List.of(first(turns[0])) : List.of(turns);
        return new Session(index, "kind", 0, fitting);
    }

    private static Turn first(Turn turn) {
        return new Turn(Turn.NONE, List.of(), turn.messages(), Turn.UNKNOWN, 4);
    }

    private static Turn turn(int index) {
        return new Turn(
                index - 1, List.of(), List.of(new Message("user", "q" + index)), Turn.UNKNOWN, 4);
    }
}
