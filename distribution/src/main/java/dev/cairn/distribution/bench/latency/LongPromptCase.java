package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.client.Listener;
import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.client.Streamed;
import dev.cairn.distribution.bench.load.Requests;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A prompt of 4,096 tokens comes while answers run: they are to slow down to half at most, and it
 * is to wait at most twice as long as alone.
 *
 * <p>Answers slow down as they grow, without any prompt; so the tokens that came while the prompt
 * was read are compared with the same tokens of the same answers when nothing else ran. No answer
 * ends meanwhile: what would come after it is another prompt. Both sides take turns, and each time
 * is compared with those just before and after it, for a server grows faster, and machines busier
 * or idler.
 */
final class LongPromptCase implements LatencyCase {

    private static final String PER_TOKEN = "long-prompt/tpot-ratio";
    private static final String FIRST_TOKEN = "long-prompt/ttft-ratio";
    private static final String GOAL = "<= 2";
    private static final int LONG = 4096;
    private static final int RUNNING = 8;
    private static final int WARM = 2;
    private static final int ROUNDS = 9;

    /** After so many rounds there is no further one when the time is over: of large models. */
    private static final int LEAST_ROUNDS = 3;

    private static final long ROUNDS_NANOS = 90_000_000_000L;

    /** Tokens that answers have when the prompt comes. */
    private static final int LEAD = 128;

    /**
     * Tokens that are waited for in answers beside which nothing runs, for each that answers had
     * when the prompt had been read beside them: the next round may have more.
     */
    private static final double COMPARED = 1.5;

    private static final int MOST_COMPARED = 1536;

    private static final int LONGEST_ANSWER = 4000;

    @Override
    public String name() {
        return "long-prompt";
    }

    @Override
    public List<Result> measure(ServerUnderTest server) {
        long longest = server.maxModelTokens().orElse((long) LONG + 16);
        if (longest < LONG + 16) {
            return unjudged("the model takes " + longest + " tokens");
        }
        try (Load load = new Load(server)) {
            Rounds rounds = new Rounds();
            for (int i = 0; i < WARM; i++) {
                load.round(new Rounds());
            }
            rounds.begin(load);
            long began = System.nanoTime();
            for (int i = 0; i < ROUNDS; i++) {
                if (i >= LEAST_ROUNDS && System.nanoTime() - began > ROUNDS_NANOS) {
                    break;
                }
                load.round(rounds);
            }
            return rounds.results();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return unjudged("interrupted");
        }
    }

    private static List<Result> unjudged(String why) {
        return List.of(
                Result.unjudged(PER_TOKEN, "ratio", GOAL, why),
                Result.unjudged(FIRST_TOKEN, "ratio", GOAL, why));
    }

    /** What the server is asked. */
    private static final class Load implements AutoCloseable {

        private final ServerUnderTest server;
        private final LoadClient client;
        private final Requests requests;

        /** Every one is new: a cached one would cost nothing. */
        private final Iterator<List<Message>> prompts;

        private final List<List<Message>> small;

        /** The most tokens that an answer had when the prompt had been read beside it. */
        private int reached = LEAD;

        Load(ServerUnderTest server) {
            this.server = server;
            this.client = server.client();
            this.requests = server.requests(JsonObject.empty());
            this.prompts = CasePrompts.of(server, 2 * (WARM + ROUNDS) + 1, LONG, 22).iterator();
            this.small = CasePrompts.of(server, RUNNING, 32, 23);
        }

        void round(Rounds rounds) throws InterruptedException {
            rounds.beside(this);
            rounds.quiet(this);
            rounds.alone(this);
        }

        /** How many tokens of answers beside which nothing runs are waited for. */
        int compared() {
            return Math.min(MOST_COMPARED, (int) (COMPARED * reached));
        }

        Answers answers() {
            return new Answers(server, requests, small, LONGEST_ANSWER);
        }

        Streamed ask() {
            return client.stream(requests.ask(prompts.next(), 8, false), Listener.NONE);
        }

        @Override
        public void close() {
            client.close();
        }
    }

    /** What was measured. */
    private static final class Rounds {

        private final List<Answers> quiet = new ArrayList<>();
        private final List<Answers> disturbed = new ArrayList<>();
        private final List<Streamed> alone = new ArrayList<>();
        private final List<Streamed> beside = new ArrayList<>();

        /** What the first round is compared with. */
        void begin(Load load) throws InterruptedException {
            quiet(load);
            alone(load);
        }

        void quiet(Load load) throws InterruptedException {
            try (Answers answers = load.answers()) {
                answers.awaitTokens(load.compared());
                quiet.add(answers);
            }
        }

        void alone(Load load) {
            alone.add(load.ask());
        }

        void beside(Load load) throws InterruptedException {
            try (Answers answers = load.answers()) {
                answers.awaitTokens(LEAD);
                beside.add(load.ask());
                load.reached = Math.max(load.reached, answers.most());
                disturbed.add(answers);
            }
        }

        List<Result> results() {
            List<Double> perToken = new ArrayList<>();
            List<Double> firstToken = new ArrayList<>();
            List<Double> nanosPerToken = new ArrayList<>();
            for (int i = 0; i < beside.size(); i++) {
                Streamed prompt = beside.get(i);
                if (prompt.stamps().length > 0) {
                    long from = prompt.startNanos();
                    long to = prompt.stamps()[0];
                    perToken.add(
                            between(
                                    disturbed.get(i).slowerThan(quiet.get(i), from, to),
                                    disturbed.get(i).slowerThan(quiet.get(i + 1), from, to)));
                    firstToken.add(
                            between(
                                    millis(prompt) / millis(alone.get(i)),
                                    millis(prompt) / millis(alone.get(i + 1))));
                    nanosPerToken.add(disturbed.get(i).nanosPerToken(from, to) / 1e6);
                }
            }
            return List.of(
                    ratio(PER_TOKEN, perToken),
                    ratio(FIRST_TOKEN, firstToken),
                    new Result("long-prompt/tpot-beside", "ms", nanosPerToken),
                    new Result("long-prompt/ttft-alone", "ms", millis(alone)),
                    new Result("long-prompt/ttft-beside", "ms", millis(beside)));
        }

        /** Beside the mean of two other times, by how many times longer it was than each. */
        private static double between(double before, double after) {
            return 2 / (1 / before + 1 / after);
        }

        private static Result ratio(String name, List<Double> ratios) {
            Result measured = new Result(name, "ratio", ratios);
            return measured.runs().isEmpty()
                    ? Result.unjudged(name, "ratio", GOAL, "the server gave no answers")
                    : Result.judged(name, "ratio", ratios, GOAL, measured.value() <= 2);
        }

        private static List<Double> millis(List<Streamed> prompts) {
            return prompts.stream().map(Rounds::millis).toList();
        }

        /** To the first token; NaN, which no result keeps, if none came. */
        private static double millis(Streamed streamed) {
            return streamed.stamps().length == 0
                    ? Double.NaN
                    : (streamed.stamps()[0] - streamed.startNanos()) / 1e6;
        }
    }
}
