package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.transport.http.AnswerQueue.Happening;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerQueueTest {

    private final AnswerQueue queue = new AnswerQueue();

    @Test
    void eventsComeInOrderAndSingly() throws InterruptedException {
        put(0, 0, "a");
        put(1, 0, "b");
        queue.listener(1).on(new AnswerEvent.Ended(new Usage(1, 1, 0, 0)));
        assertThat(taken()).isEqualTo("0/0 a");
        assertThat(taken()).isEqualTo("1/0 b");
        assertThat(take()).isInstanceOf(Happening.Heard.class);
        assertThat(take()).isEqualTo(new Happening.Silence());
    }

    @Test
    void aSlowClientHoldsOneDeltaPerChoiceBeyondTheBound() throws InterruptedException {
        int events = 10_000;
        for (int i = 0; i < events; i++) {
            put(0, i % 2, i % 2 == 0 ? "x" : "y");
        }
        List<String> texts = new ArrayList<>();
        while (!queue.isEmpty()) {
            texts.add(taken());
        }
        assertThat(texts).hasSize(AnswerQueue.MERGE_FROM);
        assertThat(joined(texts, "0/0 ")).isEqualTo("x".repeat(events / 2));
        assertThat(joined(texts, "0/1 ")).isEqualTo("y".repeat(events / 2));
    }

    @Test
    void mergingKeepsTokens() throws InterruptedException {
        for (int i = 0; i < 3 * AnswerQueue.MERGE_FROM; i++) {
            put(0, 0, "x");
        }
        int tokens = 0;
        while (!queue.isEmpty()) {
            var heard = (Happening.Heard) take();
            tokens += ((AnswerEvent.Delta) heard.event()).tokens().size();
        }
        assertThat(tokens).isEqualTo(3 * AnswerQueue.MERGE_FROM);
    }

    @Test
    void mergingKeepsThoughtsAndCalls() throws InterruptedException {
        int events = 3 * AnswerQueue.MERGE_FROM;
        var call = new AnswerEvent.ToolCallDelta(0, null, null, "c");
        for (int i = 0; i < events; i++) {
            queue.listener(0).on(new AnswerEvent.Delta(0, "", "t", List.of(call), List.of()));
        }
        int thoughts = 0;
        int calls = 0;
        while (!queue.isEmpty()) {
            var delta = (AnswerEvent.Delta) ((Happening.Heard) take()).event();
            thoughts += delta.reasoning().length();
            calls += delta.calls().size();
        }
        assertThat(thoughts).isEqualTo(events);
        assertThat(calls).isEqualTo(events);
    }

    @Test
    void nobodyHearsMoreOnceTheClientHasGone() throws InterruptedException {
        put(0, 0, "a");
        queue.clientGone();
        put(0, 0, "b");
        assertThat(take()).isEqualTo(new Happening.ClientGone());
    }

    @Test
    void whatWaitsIsHeardBeforeTheEnd() throws InterruptedException {
        put(0, 0, "a");
        queue.stop(Problems.draining());
        put(0, 0, "too late");
        assertThat(taken()).isEqualTo("0/0 a");
        assertThat(take()).isEqualTo(new Happening.Stopped(Problems.draining()));
    }

    private void put(int call, int choice, String text) {
        queue.listener(call).on(new AnswerEvent.Delta(choice, text, ScriptedService.tokens(text)));
    }

    private Happening take() throws InterruptedException {
        return queue.take(Duration.ZERO);
    }

    private String taken() throws InterruptedException {
        var heard = (Happening.Heard) take();
        var delta = (AnswerEvent.Delta) heard.event();
        return heard.call() + "/" + delta.choice() + " " + delta.text();
    }

    private static String joined(List<String> texts, String prefix) {
        var all = new StringBuilder();
        texts.stream()
                .filter(text -> text.startsWith(prefix))
                .forEach(text -> all.append(text.substring(prefix.length())));
        return all.toString();
    }
}
