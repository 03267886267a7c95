package dev.cairn.engine.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * An encoder's graph in ONNX Runtime. Inputs run one by one: padding and larger batches would let
 * neighbours into the rounding of a result.
 *
 * <p>Threads: {@link #submit} from any; one platform thread owns the session. The queue is bounded,
 * what does not fit is refused with {@code OVERLOADED}.
 */
final class OnnxGraph implements AutoCloseable {

    private static final Set<String> KNOWN_INPUTS =
            Set.of("input_ids", "attention_mask", "token_type_ids");

    private final EncoderFolder folder;
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final ThreadPoolExecutor executor;

    private OnnxGraph(
            EncoderFolder folder, OrtEnvironment environment, OrtSession session, int queue) {
        this.folder = folder;
        this.environment = environment;
        this.session = session;
        executor =
                new ThreadPoolExecutor(
                        1,
                        1,
                        0,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(queue),
                        Thread.ofPlatform().name("onnx-" + folder.name()).daemon().factory());
    }

    /**
     * @param threads that compute
     * @param queue requests that may wait
     * @throws ModelException if there is no library for this platform, or the graph is refused
     */
    static OnnxGraph open(EncoderFolder folder, int threads, int queue) {
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
            OrtSession session = environment.createSession(folder.graph().toString(), options);
            demandKnownInputs(folder, session);
            return new OnnxGraph(folder, environment, session, queue);
        } catch (OrtException refused) {
            throw new ModelException(folder.graph() + ": " + refused.getMessage(), refused);
        }
    }

    private static void demandKnownInputs(EncoderFolder folder, OrtSession session) {
        for (String input : session.getInputNames()) {
            if (!KNOWN_INPUTS.contains(input)) {
                throw new ModelException(
                        "%s: input %s is not served; served are input_ids, attention_mask and"
                                        .formatted(folder.graph(), input)
                                + " token_type_ids");
            }
        }
    }

    /** Of ONNX Runtime. */
    String version() {
        return environment.getVersion();
    }

    /**
     * The last dimension of the first output.
     *
     * @param shape of that output in words, for the message
     * @throws ModelException if the output has another number of dimensions, or the last is open
     */
    int width(int dimensions, String shape) {
        try {
            NodeInfo output = session.getOutputInfo().values().iterator().next();
            if (output.getInfo() instanceof TensorInfo tensor) {
                long[] sizes = tensor.getShape();
                if (sizes.length == dimensions && sizes[dimensions - 1] > 0) {
                    return Math.toIntExact(sizes[dimensions - 1]);
                }
            }
            throw new ModelException(
                    "%s: output %s must be %s".formatted(folder.graph(), output.getName(), shape));
        } catch (OrtException unknown) {
            throw new ModelException(folder.graph() + ": " + unknown.getMessage(), unknown);
        }
    }

    /**
     * @throws IllegalArgumentException if the graph cannot take the input
     */
    void check(int[] ids) {
        if (ids.length == 0 || ids.length > folder.maxTokens()) {
            throw new IllegalArgumentException(
                    "an input has 1 to " + folder.maxTokens() + " tokens, got " + ids.length);
        }
        for (int id : ids) {
            if (id < 0 || id >= folder.vocabularySize()) {
                throw new IllegalArgumentException(
                        "token ids are below " + folder.vocabularySize() + ", got " + id);
            }
        }
    }

    /** What is computed on the graph's own thread. */
    interface Work<T> {

        T compute() throws OrtException;
    }

    /** Computes when those before are done. */
    <T> void submit(Work<T> work, Completion<T> done) {
        try {
            executor.execute(() -> compute(work, done));
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
                                            ? "the model %s is shutting down"
                                                    .formatted(folder.name())
                                            : "too many requests wait for the model %s"
                                                    .formatted(folder.name()))));
        }
    }

    private static <T> void compute(Work<T> work, Completion<T> done) {
        T result;
        try {
            result = work.compute();
        } catch (OrtException | RuntimeException failure) {
            done.failed(failure);
            return;
        }
        done.completed(result);
    }

    /**
     * The first output for one input, as nested arrays of floats. On the graph's thread.
     *
     * @param types segment of each token
     */
    Object run(int[] ids, int[] types) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (String name : session.getInputNames()) {
                long[] values = new long[ids.length];
                switch (name) {
                    case "input_ids" -> Arrays.setAll(values, i -> ids[i]);
                    case "attention_mask" -> Arrays.fill(values, 1);
                    default -> Arrays.setAll(values, i -> types[i]);
                }
                inputs.put(name, OnnxTensor.createTensor(environment, new long[][] {values}));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                return result.get(0).getValue();
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
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
            System.getLogger(OnnxGraph.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "closing " + folder.name() + " failed",
                            failure);
        }
    }
}
