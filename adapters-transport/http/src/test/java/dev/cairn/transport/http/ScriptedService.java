package dev.cairn.transport.http;

import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.CacheService;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.ScoreCall;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.Timers.Cancellation;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Answers as a test says: by a script that plays at once, or by hand, event after event. A token is
 * a byte.
 */
final class ScriptedService implements InferenceService {

    static final String MODEL = "tiny";
    static final String EMBEDDER = "org/embedder";
    static final int CONTEXT = 64;

    /** A call that is being served. */
    record Served(GenerationCall call, AnswerListener listener, CountDownLatch cancelled) {

        void started(int... promptIds) {
            listener.on(new AnswerEvent.Started(promptIds, 0, List.of()));
        }

        void says(int choice, String text) {
            listener.on(new AnswerEvent.Delta(choice, text, tokens(text)));
        }

        void ends(int choice, FinishReason reason, StopCause cause) {
            listener.on(new AnswerEvent.ChoiceEnded(choice, reason, cause));
        }

        void ended(int promptTokens, int completionTokens) {
            listener.on(new AnswerEvent.Ended(new Usage(promptTokens, completionTokens, 0, 0)));
        }

        void failed(RequestProblem problem) {
            listener.on(new AnswerEvent.Failed(problem));
        }

        /** Waits until the adapter has cancelled the call. */
        boolean isCancelled() {
            try {
                return cancelled.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException stopped) {
                throw new IllegalStateException(stopped);
            }
        }
    }

    private final BlockingQueue<Served> calls = new LinkedBlockingQueue<>();
    private final List<Prompt> tokenized = new ArrayList<>();
    private volatile Consumer<Served> script = _ -> {};
    private volatile Optional<CacheService> caches = Optional.empty();
    private volatile Optional<SleepMode> asleep = Optional.empty();
    private volatile Optional<String> unready = Optional.empty();

    /** Plays the script for every call, on a thread of its own as the core does. */
    void answersWith(Consumer<Served> script) {
        this.script = script;
    }

    /** One choice after the other says this, byte by byte where asked. */
    static Consumer<Served> saying(String... pieces) {
        return served -> {
            int[] prompt = promptIds(served.call().prompt());
            served.started(prompt);
            int tokens = 0;
            for (int i = 0; i < served.call().choices(); i++) {
                for (String piece : pieces) {
                    served.says(i, piece);
                    tokens += tokens(piece).size();
                }
                served.ends(i, FinishReason.STOP, new StopCause.EndOfSequence());
            }
            served.ended(prompt.length, tokens);
        };
    }

    void becomesUnready(String reason) {
        unready = Optional.of(reason);
    }

    /** The next call that arrives. */
    Served next() {
        try {
            Served served = calls.poll(30, TimeUnit.SECONDS);
            if (served == null) {
                throw new IllegalStateException("no call came");
            }
            return served;
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    List<Prompt> tokenized() {
        return tokenized;
    }

    static List<TokenReport> tokens(String text) {
        List<TokenReport> tokens = new ArrayList<>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            tokens.add(token(b & 0xff, -0.5f));
        }
        return tokens;
    }

    static TokenReport token(int id, float logprob, TokenReport... top) {
        byte[] bytes = {(byte) id};
        return new TokenReport(
                id, new String(bytes, StandardCharsets.UTF_8), bytes, logprob, 1, List.of(top));
    }

    static int[] promptIds(Prompt prompt) {
        return switch (prompt) {
            case Prompt.Text(String text, boolean special) -> new ByteCodec().encode(text, special);
            case Prompt.TokenIds(int[] ids) -> ids;
            case Prompt.Chat(var conversation, boolean special) ->
                    new ByteCodec().encode(new ByteCodec().render(conversation), special);
        };
    }

    @Override
    public List<ServedModel> models() {
        return List.of(
                new ServedModel(
                        MODEL, "tiny-root", ServedModel.Kind.GENERATION, CONTEXT, 1_700_000),
                new ServedModel(EMBEDDER, "enc", ServedModel.Kind.EMBEDDING, CONTEXT, 1_700_001));
    }

    @Override
    public Cancellation generate(GenerationCall call, AnswerListener events) {
        known(call.model());
        if (call.temperature().orElse(1) < 0) {
            throw new RequestRefused(
                    RequestProblem.invalid(
                            "temperature",
                            "temperature must not be negative, got "
                                    + call.temperature().getAsDouble()));
        }
        var served = new Served(call, events, new CountDownLatch(1));
        calls.add(served);
        Thread.ofVirtual().start(() -> script.accept(served));
        return served.cancelled()::countDown;
    }

    @Override
    public Tokenization tokenize(String model, Prompt prompt) {
        known(model);
        tokenized.add(prompt);
        int[] ids = promptIds(prompt);
        return new Tokenization(
                ids, Arrays.stream(ids).mapToObj(id -> "<" + id + ">").toList(), CONTEXT);
    }

    @Override
    public String detokenize(String model, int[] ids) {
        known(model);
        return new ByteCodec().decode(ids, false);
    }

    @Override
    public void embed(
            String tenant,
            String model,
            List<Prompt> inputs,
            int dimensions,
            Completion<Embeddings> done) {
        known(model);
        List<float[]> vectors = new ArrayList<>();
        int tokens = 0;
        for (Prompt input : inputs) {
            int[] ids = promptIds(input);
            tokens += ids.length;
            vectors.add(new float[] {ids.length, -0.5f, 1.0e-5f});
        }
        done.completed(new Embeddings(vectors, tokens));
    }

    /** A text's score is the number of its characters; an empty one is refused. */
    @Override
    public void score(ScoreCall call, Completion<Scores> done) {
        known(call.model());
        float[] scores = new float[call.second().size()];
        for (int i = 0; i < scores.length; i++) {
            if (call.second().get(i).isEmpty()) {
                throw new RequestRefused(
                        RequestProblem.invalid(
                                call.secondField() + "[" + i + "]", "must not be empty"));
            }
            scores[i] = call.first(i).length() + call.second().get(i).length() / 8f;
        }
        done.completed(new Scores(scores, call.truncate().orElse(9)));
    }

    /** From now on there are caches. */
    void caches(CacheService those) {
        caches = Optional.of(those);
    }

    @Override
    public Optional<CacheService> cache() {
        return caches;
    }

    @Override
    public Optional<Sleeper> sleeper() {
        return Optional.of(
                new Sleeper() {
                    @Override
                    public void sleep(SleepMode mode, Completion<Void> done) {
                        asleep = Optional.of(mode);
                        done.completed(null);
                    }

                    @Override
                    public void wake(Completion<Void> done) {
                        if (unready.isPresent()) {
                            done.failed(
                                    new RequestRefused(
                                            RequestProblem.of(
                                                    Category.UNAVAILABLE,
                                                    "wake_failed",
                                                    unready.get())));
                        } else {
                            asleep = Optional.empty();
                            done.completed(null);
                        }
                    }

                    @Override
                    public boolean isAsleep() {
                        return asleep.isPresent();
                    }
                });
    }

    /** The mode in which it was put to sleep. */
    Optional<SleepMode> asleep() {
        return asleep;
    }

    @Override
    public Optional<String> unreadyBecause() {
        return unready;
    }

    @Override
    public Optional<TextCodec> codec(String model) {
        return model.equals(MODEL) ? Optional.of(new ByteCodec()) : Optional.empty();
    }

    private void known(String model) {
        if (models().stream().noneMatch(served -> served.name().equals(model))) {
            throw new RequestRefused(
                    RequestProblem.of(
                            Category.NOT_FOUND,
                            "model_not_found",
                            "The model `" + model + "` does not exist here"));
        }
    }

    /** Bytes are tokens; 256 begins a text. */
    static final class ByteCodec implements TextCodec {

        static final int BEGIN = 256;

        @Override
        public int vocabularySize() {
            return 257;
        }

        @Override
        public int[] encode(String text, boolean addSpecialTokens) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int[] ids = new int[bytes.length + (addSpecialTokens ? 1 : 0)];
            int at = 0;
            if (addSpecialTokens) {
                ids[at++] = BEGIN;
            }
            for (byte b : bytes) {
                ids[at++] = b & 0xff;
            }
            return ids;
        }

        @Override
        public String decode(int[] ids, boolean skipSpecialTokens) {
            var text = new ByteArrayOutputStream();
            for (int id : ids) {
                if (id != BEGIN || !skipSpecialTokens) {
                    text.writeBytes(tokenBytes(id));
                }
            }
            return text.toString(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] tokenBytes(int id) {
            return id == BEGIN ? "<s>".getBytes(StandardCharsets.UTF_8) : new byte[] {(byte) id};
        }

        @Override
        public String tokenName(int id) {
            return "<" + id + ">";
        }

        @Override
        public boolean isSpecial(int id) {
            return id == BEGIN;
        }

        @Override
        public boolean stripsLeadingSpace() {
            return false;
        }

        @Override
        public List<Integer> endOfSequenceIds() {
            return List.of();
        }

        @Override
        public Optional<String> chatTemplate() {
            return Optional.empty();
        }

        @Override
        public String render(Conversation conversation) {
            var text = new StringBuilder();
            for (var message : conversation.messages()) {
                text.append(
                        message.member("content") instanceof JsonValue.JsonString(String s)
                                ? s
                                : "?");
            }
            return text.toString();
        }
    }
}
