package dev.cairn.core.request;

import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.ScoreRunner;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.TokenPair;
import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.List;

/**
 * An inference service with a model that generates, "toy", one that embeds, "vectors", and one that
 * scores, "scores".
 */
final class World {

    static final int MAX_LENGTH = 100;
    static final int VOCABULARY = 300;

    final ScriptedBackend backend = new ScriptedBackend();
    final RecordedTelemetry telemetry = new RecordedTelemetry();
    final HeldEmbedder embedder = new HeldEmbedder();
    final List<AnswerEvent> events = new ArrayList<>();
    final Inference inference;

    final VirtualDriver time = new VirtualDriver();

    World() {
        this(new ByteCodec(false), GenerationDefaults.none());
    }

    World(ByteCodec codec, GenerationDefaults defaults) {
        inference = assemble(codec, defaults, backend, false);
    }

    /** A world whose requests wake the engine or do not. */
    World(boolean wakeOnRequest) {
        inference =
                assemble(new ByteCodec(false), GenerationDefaults.none(), backend, wakeOnRequest);
    }

    World(GenerationBackend other) {
        inference = assemble(new ByteCodec(false), GenerationDefaults.none(), other, false);
    }

    private Inference assemble(
            ByteCodec codec,
            GenerationDefaults defaults,
            GenerationBackend generation,
            boolean wakeOnRequest) {
        return new Inference(
                List.of(
                        new Served.Generation(
                                model("toy", ServedModel.Kind.GENERATION, MAX_LENGTH),
                                codec,
                                new Grammars(codec, VOCABULARY, codec.endOfSequenceIds()),
                                VOCABULARY,
                                defaults,
                                generation),
                        new Served.Embedding(
                                model("vectors", ServedModel.Kind.EMBEDDING, 8), codec, embedder),
                        new Served.Score(
                                model("scores", ServedModel.Kind.SCORE, 8),
                                codec,
                                new LengthScorer())),
                RequestLimits.USUAL,
                time,
                () -> 4711,
                telemetry,
                wakeOnRequest);
    }

    private static ServedModel model(String name, ServedModel.Kind kind, int length) {
        return new ServedModel(name, name, kind, length, 0);
    }

    /** The request that the backend gets for a call. */
    GenerationRequest asked(Call call) {
        inference.generate(call.call(), events::add);
        return backend.request();
    }

    String text(int choice) {
        StringBuilder text = new StringBuilder();
        for (AnswerEvent event : events) {
            if (event instanceof AnswerEvent.Delta delta && delta.choice() == choice) {
                text.append(delta.text());
            }
        }
        return text.toString();
    }

    List<Integer> ids(int choice) {
        List<Integer> ids = new ArrayList<>();
        for (AnswerEvent event : events) {
            if (event instanceof AnswerEvent.Delta delta && delta.choice() == choice) {
                delta.tokens().stream().map(TokenReport::id).forEach(ids::add);
            }
        }
        return ids;
    }

    /** A pair's score is its number of tokens. */
    static final class LengthScorer implements ScoreRunner {

        @Override
        public String report() {
            return "lengths";
        }

        @Override
        public int maxTokens() {
            return 8;
        }

        @Override
        public void score(List<TokenPair> pairs, Completion<float[]> done) {
            float[] scores = new float[pairs.size()];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = pairs.get(i).length();
            }
            done.completed(scores);
        }

        @Override
        public void close() {}
    }

    /** Embeds when the test says so; an input's vector is (3, 4, number of ids). */
    static final class HeldEmbedder implements EmbeddingRunner {

        private final List<Runnable> held = new ArrayList<>();

        void release() {
            held.forEach(Runnable::run);
            held.clear();
        }

        @Override
        public String report() {
            return "held";
        }

        @Override
        public int dimensions() {
            return 3;
        }

        @Override
        public int maxTokens() {
            return 8;
        }

        @Override
        public void embed(List<int[]> inputs, Completion<List<float[]>> done) {
            List<float[]> vectors = new ArrayList<>();
            for (int[] input : inputs) {
                vectors.add(new float[] {3, 4, input.length});
            }
            held.add(() -> done.completed(vectors));
        }

        @Override
        public void close() {}
    }
}
