package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.request.Continuation;
import dev.cairn.ports.request.Continuation.Begun;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.TokenEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** An answer that was cut off anywhere and goes on at another engine is the uninterrupted one. */
class ContinuationTest {

    private static final int LENGTH = 48;

    private static int cuts;
    private static int formats;
    private static int several;
    private static int scored;
    private static int penalised;
    private static double guessed;

    @AfterAll
    static void everythingWasCut() {
        System.out.printf(
                "ContinuationTest: %d cuts, of them %d with a format, %d with several choices,"
                        + " %d with log-probabilities, %d with penalties%n",
                cuts, formats, several, scored, penalised);
        assertThat(guessed).as("tokens that were guessed").isGreaterThan(1_000);
        assertThat(List.of(formats, several, scored, penalised)).allMatch(count -> count > 100);
    }

    /** Listens to all that happens, token by token. */
    private static final class Record implements TokenListener {

        private final List<TokenEvent> events = new ArrayList<>();

        @Override
        public void on(TokenEvent event) {
            if (event instanceof TokenEvent.Tokens(int choice, List<GeneratedToken> tokens)) {
                tokens.forEach(one -> events.add(new TokenEvent.Tokens(choice, List.of(one))));
            } else {
                events.add(event);
            }
        }
    }

    private static Bench engine(Random random) {
        return engine(random, SpeculationSettings.OFF);
    }

    private static Bench engine(Random random, SpeculationSettings speculation) {
        return new Bench(
                toy ->
                        toy.fullAttention(1 + random.nextInt(8), 200)
                                .perStep(
                                        8 + random.nextInt(60),
                                        1 + random.nextInt(10),
                                        1 + random.nextInt(30)),
                SchedulerSettings.forModelLength(LENGTH).with(speculation));
    }

    private static List<TokenEvent> run(Bench bench, GenerationRequest request) {
        var record = new Record();
        bench.backend.generate(request, record);
        bench.finish();
        return record.events;
    }

    private static Continuation after(GenerationRequest request, List<TokenEvent> told) {
        List<Begun> begun = new ArrayList<>();
        for (int choice = 0; choice < request.choices(); choice++) {
            List<Integer> ids = new ArrayList<>();
            boolean ended = false;
            for (TokenEvent event : told) {
                if (event instanceof TokenEvent.Tokens(int of, var tokens) && of == choice) {
                    ids.add(tokens.getFirst().id());
                }
                ended |= event instanceof TokenEvent.ChoiceEnded end && end.choice() == choice;
            }
            if (!ids.isEmpty() || ended) {
                begun.add(new Begun(choice, ids.stream().mapToInt(id -> id).toArray(), ended));
            }
        }
        return new Continuation(!told.isEmpty(), begun);
    }

    private static Heard heard(GenerationRequest request, List<TokenEvent> events) {
        var heard = new Heard(request);
        events.forEach(heard::on);
        return heard;
    }

    @RepeatedTest(250)
    void goesOnAsIfNothingHadHappened(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        var random = new Random(seed);
        GenerationRequest request = Ask.any(random, "request " + seed, LENGTH).request();
        if (request.beams().isPresent()) {
            return;
        }
        List<TokenEvent> whole = run(engine(random), request);
        List<String> expected = heard(request, whole).answer();
        if (whole.getLast() instanceof TokenEvent.Failed) {
            return;
        }
        // One engine for all cuts: what one left in its cache must change nothing for the next.
        Heard known = heard(request, whole);
        Bench elsewhere = engine(random, Oracle.any(random, List.of(known)));
        for (int cut = 0; cut < whole.size(); cut++) {
            List<TokenEvent> told = new ArrayList<>(whole.subList(0, cut));
            GenerationRequest rest = request.continuing(after(request, told));
            List<TokenEvent> heardThere = run(elsewhere, rest);
            told.addAll(heardThere);
            assertThat(heard(request, told).answer())
                    .as("seed %d, cut after %d of %d events", seed, cut, whole.size())
                    .isEqualTo(expected);
            count(request);
        }
        elsewhere.assertNothingHeld();
        guessed += elsewhere.counter("vllm:spec_decode_num_accepted_tokens_total{toy}");
    }

    private static void count(GenerationRequest request) {
        cuts++;
        formats += request.format().isPresent() ? 1 : 0;
        several += request.choices() > 1 ? 1 : 0;
        scored += request.topLogprobs() >= 0 ? 1 : 0;
        penalised += request.sampling().penalises() ? 1 : 0;
    }

    /** Beam search tells nothing before its end, and begins again. */
    @Test
    void beamsBeginAgain() {
        GenerationRequest request =
                new Ask("beams", Ask.prompt(3, 9)).beams(3, 1, false).maxTokens(8).request();
        List<TokenEvent> whole = run(engine(new Random(1)), request);
        List<TokenEvent> again =
                run(engine(new Random(2)), request.continuing(new Continuation(true, List.of())));
        assertThat(heard(request, again).answer()).isEqualTo(heard(request, whole).answer());
    }

    @Test
    void tokensThatTheFormatForbidsAreRefused() {
        GenerationRequest request =
                new Ask("format", Ask.prompt(4, 5)).format(new OutputFormat.Regex("a+")).request();
        var before = new Continuation(true, List.of(new Begun(0, new int[] {200, 201}, false)));
        Heard heard = heard(request, run(engine(new Random(1)), request.continuing(before)));
        assertThat(heard.problem().code()).isEqualTo("continuation_unfit");
    }

    @Test
    void tokensThatTheModelDoesNotHaveAreRefused() {
        GenerationRequest request = new Ask("unknown", Ask.prompt(4, 5)).request();
        var before = new Continuation(true, List.of(new Begun(0, new int[] {1 << 30}, false)));
        Heard heard = heard(request, run(engine(new Random(1)), request.continuing(before)));
        assertThat(heard.problem().code()).isEqualTo("continuation_unfit");
    }
}
