package dev.cairn.engine.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * An encoder in ONNX Runtime. Inputs run one by one: padding and larger batches would let
 * neighbours into the rounding of a vector.
 *
 * <p>Threads: {@link #embed} from any; one platform thread owns the session. The queue is bounded,
 * what does not fit is refused with {@code OVERLOADED}.
 */
final class OnnxEmbeddingRunner implements EmbeddingRunner {

    private static final Set<String> KNOWN_INPUTS =
            Set.of("input_ids", "attention_mask", "token_type_ids");

    private final EmbeddingFolder folder;
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final int dimensions;
    private final ThreadPoolExecutor executor;

    private OnnxEmbeddingRunner(
            EmbeddingFolder folder,
            OrtEnvironment environment,
            OrtSession session,
            int dimensions,
            int queue) {
        this.folder = folder;
        this.environment = environment;
        this.session = session;
        this.dimensions = dimensions;
        executor =
                new ThreadPoolExecutor(
                        1,
                        1,
                        0,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(queue),
                        Thread.ofPlatform().name("onnx-" + folder.name()).daemon().factory());
    }

    static OnnxEmbeddingRunner open(EmbeddingFolder folder, int threads, int queue) {
        OrtEnvironment environment;
        try {
            environment = OrtEnvironment.getEnvironment();
        } catch (LinkageError | RuntimeException noLibrary) {
            throw new ModelException(
                    "ONNX Runtime has no native library for this platform: "
                            + noLibrary.getMessage(),
                    noLibrary);
        }
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            OrtSession session = environment.createSession(folder.model().toString(), options);
            return new OnnxEmbeddingRunner(
                    folder, environment, session, checkedDimensions(folder, session), queue);
        } catch (OrtException refused) {
            throw new ModelException(folder.model() + ": " + refused.getMessage(), refused);
        }
    }

    private static int checkedDimensions(EmbeddingFolder folder, OrtSession session)
            throws OrtException {
        for (String input : session.getInputNames()) {
            if (!KNOWN_INPUTS.contains(input)) {
                throw new ModelException(
                        "%s: input %s is not served; served are input_ids, attention_mask and"
                                        .formatted(folder.model(), input)
                                + " token_type_ids");
            }
        }
        NodeInfo output = session.getOutputInfo().values().iterator().next();
        if (output.getInfo() instanceof TensorInfo tensor) {
            long[] shape = tensor.getShape();
            if (shape.length == 3 && shape[2] > 0) {
                return Math.toIntExact(shape[2]);
            }
        }
        throw new ModelException(
                "%s: output %s must be float [batch, tokens, dimensions] with fixed dimensions"
                        .formatted(folder.model(), output.getName()));
    }

    @Override
    public String report() {
        return "onnx: ONNX Runtime %s, %s pooling%s, %d dimensions"
                .formatted(
                        environment.getVersion(),
                        folder.pooling().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        folder.normalise() ? ", normalised" : "",
                        dimensions);
    }

    @Override
    public int dimensions() {
        return dimensions;
    }

    @Override
    public int maxTokens() {
        return folder.maxTokens();
    }

    @Override
    public void embed(List<int[]> inputs, Completion<List<float[]>> done) {
        for (int[] input : inputs) {
            check(input);
        }
        try {
            executor.execute(() -> compute(inputs, done));
        } catch (RejectedExecutionException full) {
            boolean closed = executor.isShutdown();
            done.failed(
                    new RequestRefused(
                            RequestProblem.of(
                                    closed
                                            ? RequestProblem.Category.UNAVAILABLE
                                            : RequestProblem.Category.OVERLOADED,
                                    closed ? "shutting_down" : "rate_limit_exceeded",
                                    closed
                                            ? "the embedding model is shutting down"
                                            : "too many embedding requests are waiting")));
        }
    }

    private void check(int[] input) {
        if (input.length == 0 || input.length > folder.maxTokens()) {
            throw new IllegalArgumentException(
                    "an input has 1 to " + folder.maxTokens() + " tokens, got " + input.length);
        }
        for (int id : input) {
            if (id < 0 || id >= folder.vocabularySize()) {
                throw new IllegalArgumentException(
                        "token ids are below " + folder.vocabularySize() + ", got " + id);
            }
        }
    }

    private void compute(List<int[]> inputs, Completion<List<float[]>> done) {
        List<float[]> vectors = new ArrayList<>(inputs.size());
        try {
            for (int[] input : inputs) {
                vectors.add(vector(input));
            }
        } catch (OrtException | RuntimeException failure) {
            done.failed(failure);
            return;
        }
        done.completed(vectors);
    }

    private float[] vector(int[] ids) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (String name : session.getInputNames()) {
                long[] values = new long[ids.length];
                switch (name) {
                    case "input_ids" -> Arrays.setAll(values, i -> ids[i]);
                    case "attention_mask" -> Arrays.fill(values, 1);
                    default -> {} // token_type_ids: all of one sentence
                }
                inputs.put(name, OnnxTensor.createTensor(environment, new long[][] {values}));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                float[][] tokens = ((float[][][]) result.get(0).getValue())[0];
                return folder.normalise() ? normalised(pooled(tokens)) : pooled(tokens);
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private float[] pooled(float[][] tokens) {
        return switch (folder.pooling()) {
            case FIRST_TOKEN -> tokens[0];
            case MAX -> {
                float[] max = tokens[0].clone();
                for (float[] token : tokens) {
                    for (int i = 0; i < max.length; i++) {
                        max[i] = Math.max(max[i], token[i]);
                    }
                }
                yield max;
            }
            case MEAN -> {
                float[] mean = new float[dimensions];
                for (int i = 0; i < mean.length; i++) {
                    double sum = 0;
                    for (float[] token : tokens) {
                        sum += token[i];
                    }
                    mean[i] = (float) (sum / tokens.length);
                }
                yield mean;
            }
        };
    }

    private static float[] normalised(float[] vector) {
        double squares = 0;
        for (float element : vector) {
            squares += (double) element * element;
        }
        double length = Math.max(Math.sqrt(squares), 1e-12);
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / length);
        }
        return unit;
    }

    @Override
    public void close() {
        executor.shutdown();
        try {
            executor.awaitTermination(10, TimeUnit.SECONDS);
            session.close();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (OrtException failure) {
            System.getLogger(OnnxEmbeddingRunner.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "closing " + folder.name() + " failed",
                            failure);
        }
    }
}
