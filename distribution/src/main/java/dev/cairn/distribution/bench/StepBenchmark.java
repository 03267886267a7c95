package dev.cairn.distribution.bench;

import dev.cairn.core.block.CacheListener;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.request.Inference;
import dev.cairn.core.request.RequestLimits;
import dev.cairn.core.request.Served;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.core.schedule.SchedulerSettings;
import dev.cairn.core.schedule.StepListener;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.drive.SystemRandom;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.ToolChoice;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Where the time of one decode step goes, in microseconds: streams decode side by side through
 * scheduler, engine and detokenizer, without HTTP. Threads: one.
 */
public final class StepBenchmark {

    private static final int PROMPT = 16;
    private static final int TOKENS = 224;

    /** A format of which any text of letters is, so that nothing is forced and nothing ends. */
    private static final OutputFormat TEXT = new OutputFormat.Regex("[a-zA-Z ,.]+");

    private final ModelRunner runner;
    private final TextCodec codec;
    private final int runs;

    /**
     * @param runs measurements of every case; one more comes before them and does not count
     */
    public StepBenchmark(ModelRunner runner, TextCodec codec, int runs) {
        this.runner = runner;
        this.codec = codec;
        this.runs = runs;
    }

    /** The parts of a step of 1, 8 and 32 streams, and of 32 whose answers have a format. */
    public List<BenchmarkReport.Result> run() {
        List<BenchmarkReport.Result> results = new ArrayList<>();
        for (int streams : new int[] {1, 8, 32}) {
            if (streams <= runner.description().maxSequencesPerStep()) {
                measure("step-" + streams, streams, Optional.empty(), results);
            }
        }
        if (runner.description().maxSequencesPerStep() >= 32) {
            measure("format-32", 32, Optional.of(TEXT), results);
        }
        return results;
    }

    private void measure(
            String name,
            int streams,
            Optional<OutputFormat> format,
            List<BenchmarkReport.Result> results) {
        List<StepTimes> measured = new ArrayList<>();
        for (int run = -1; run < runs; run++) {
            StepTimes times = decode(streams, format);
            if (run >= 0) {
                measured.add(times);
            }
        }
        for (StepTimes.Part part : StepTimes.Part.values()) {
            results.add(
                    new BenchmarkReport.Result(
                            name + " " + part.name().toLowerCase(Locale.ROOT),
                            "us/step",
                            measured.stream().map(times -> times.nanos(part) / 1000).toList()));
        }
    }

    private StepTimes decode(int streams, Optional<OutputFormat> format) {
        StepTimes times = new StepTimes(SystemClock.INSTANCE, streams);
        ThreadMailboxes mailboxes = new ThreadMailboxes(SystemClock.INSTANCE);
        int vocabulary = runner.description().vocabularySize();
        Grammars grammars = new Grammars(codec, vocabulary, codec.endOfSequenceIds());
        try (ScheduledBackend backend =
                new ScheduledBackend(
                        "bench",
                        "bench",
                        times.around(runner),
                        codec,
                        grammars,
                        SchedulerSettings.forModelLength(PROMPT + TOKENS + 1),
                        times.around(mailboxes),
                        Telemetry.none(),
                        StepListener.NONE,
                        CacheListener.NONE,
                        TierChain.NONE)) {
            GenerationBackend measured = times.around(backend);
            Inference inference =
                    new Inference(
                            List.of(
                                    new Served.Generation(
                                            new ServedModel(
                                                    "bench",
                                                    "bench",
                                                    ServedModel.Kind.GENERATION,
                                                    backend.description().maxModelLength(),
                                                    0),
                                            codec,
                                            grammars,
                                            vocabulary,
                                            GenerationDefaults.none(),
                                            measured)),
                            RequestLimits.USUAL,
                            SystemClock.INSTANCE,
                            SystemRandom.INSTANCE,
                            Telemetry.none());
            answer(inference, streams, format);
        } finally {
            mailboxes.close();
        }
        return times;
    }

    private void answer(Inference inference, int streams, Optional<OutputFormat> format) {
        CountDownLatch ended = new CountDownLatch(streams);
        AtomicReference<String> problem = new AtomicReference<>();
        for (int i = 0; i < streams; i++) {
            inference.generate(
                    call(i, format),
                    event -> {
                        if (event instanceof AnswerEvent.Ended) {
                            ended.countDown();
                        } else if (event instanceof AnswerEvent.Failed failed) {
                            problem.set(failed.problem().message());
                            ended.countDown();
                        }
                    });
        }
        try {
            ended.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the benchmark was interrupted", stopped);
        }
        if (problem.get() != null) {
            throw new IllegalStateException(problem.get());
        }
    }

    private GenerationCall call(int number, Optional<OutputFormat> format) {
        int[] prompt = new Random(number).ints(PROMPT, 0, codec.vocabularySize()).toArray();
        Optional<BeamSearch> noBeams = Optional.empty();
        return new GenerationCall(
                "bench-" + number,
                "bench",
                new Prompt.TokenIds(prompt),
                1,
                OptionalInt.of(TOKENS),
                OptionalInt.empty(),
                OptionalDouble.of(1),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalLong.of(number),
                Map.of(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                true,
                false,
                true,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                new AnswerShape(format, "response_format", new ToolChoice.None(), true, false),
                noBeams,
                0,
                "",
                "",
                OptionalLong.empty(),
                TraceContext.NONE);
    }
}
