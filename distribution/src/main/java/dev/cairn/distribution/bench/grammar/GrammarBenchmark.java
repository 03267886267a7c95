package dev.cairn.distribution.bench.grammar;

import dev.cairn.core.grammar.CompiledFormat;
import dev.cairn.core.grammar.Constraint;
import dev.cairn.core.grammar.Grammars;
import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.RequestRefused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the files of MaskBench as its own runner does: a schema is compiled, then the tokens of each
 * instance are offered one after another, a mask made before each. A file passes if every valid
 * instance gets through and no invalid one does.
 *
 * <p>Times are those of one thread: from the schema to the first mask, and for every token its mask
 * and its acceptance together.
 *
 * <p>Threads: one.
 */
public final class GrammarBenchmark {

    private static final int LEAST_PASSING = 10_000;

    /** Of the files that the goal speaks of. */
    private static final int WHOLE = 11_000;

    /** Warms the code up; their times do not count. */
    private static final int WARM_FILES = 300;

    private final TextCodec codec;
    private final Grammars grammars;
    private final Times firstMasks = new Times();
    private final Times masks = new Times();
    private final Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    private final List<FileVerdict> failures = new ArrayList<>();

    /** What became of a file. */
    public enum Verdict {
        PASSED,
        /** The schema has something that cannot be held exactly. */
        REFUSED,
        /** A valid instance did not get through. */
        WRONGLY_REJECTED,
        /** An invalid one did. */
        WRONGLY_ACCEPTED
    }

    /**
     * @param why the refusal, or the instance at fault
     */
    public record FileVerdict(String file, Verdict verdict, String why) {}

    /**
     * @param vocabulary width of the logits
     * @param endings ids that end an answer
     */
    public GrammarBenchmark(TextCodec codec, int vocabulary, Collection<Integer> endings) {
        this.codec = codec;
        this.grammars = new Grammars(codec, vocabulary, endings);
        for (Verdict verdict : Verdict.values()) {
            verdicts.put(verdict, 0);
        }
    }

    /** Hears of every file. */
    public interface Listener {

        /**
         * @param firstMaskNanos from the schema to the first mask; 0 where it was refused
         * @param maskNanos of each token
         */
        void judged(FileVerdict verdict, long firstMaskNanos, long[] maskNanos) throws IOException;
    }

    /**
     * @throws IOException for a file that cannot be read, or from the listener
     */
    public BenchmarkReport run(List<Path> files, Listener listener) throws IOException {
        for (Path file : files.subList(0, Math.min(WARM_FILES, files.size()))) {
            judge(SchemaCase.read(file));
        }
        firstMasks.clear();
        masks.clear();
        for (Path file : files) {
            int compiled = firstMasks.count();
            int masked = masks.count();
            FileVerdict verdict = judge(SchemaCase.read(file));
            long[] first = firstMasks.since(compiled);
            listener.judged(verdict, first.length == 0 ? 0 : first[0], masks.since(masked));
            verdicts.merge(verdict.verdict(), 1, Integer::sum);
            if (verdict.verdict() != Verdict.PASSED) {
                failures.add(verdict);
            }
        }
        return report(files.size());
    }

    /** Files that did not pass, in order. */
    public List<FileVerdict> failures() {
        return failures;
    }

    private FileVerdict judge(SchemaCase given) {
        long begin = System.nanoTime();
        CompiledFormat format;
        try {
            format = grammars.compile("schema", new OutputFormat.JsonSchema(given.schema()));
        } catch (RequestRefused refused) {
            return new FileVerdict(given.name(), Verdict.REFUSED, refused.problem().message());
        }
        format.begin().mask(Integer.MAX_VALUE);
        firstMasks.add(System.nanoTime() - begin);
        for (int i = 0; i < given.instances().size(); i++) {
            SchemaCase.Instance instance = given.instances().get(i);
            boolean accepted = accepts(format, instance.text());
            if (accepted != instance.isValid()) {
                return new FileVerdict(
                        given.name(),
                        accepted ? Verdict.WRONGLY_ACCEPTED : Verdict.WRONGLY_REJECTED,
                        "tests[" + i + "]");
            }
        }
        return new FileVerdict(given.name(), Verdict.PASSED, "");
    }

    private boolean accepts(CompiledFormat format, String text) {
        Constraint constraint = format.begin();
        for (int token : codec.encode(text, false)) {
            long begin = System.nanoTime();
            int[] mask = constraint.mask(Integer.MAX_VALUE);
            boolean allowed = (mask[token >>> 5] >>> (token & 31) & 1) != 0;
            boolean accepted = constraint.accept(token);
            masks.add(System.nanoTime() - begin);
            if (allowed != accepted) {
                throw new IllegalStateException(
                        "mask and acceptance differ on token " + token + " of " + text);
            }
            if (!accepted) {
                return false;
            }
        }
        return constraint.canEnd();
    }

    private BenchmarkReport report(int files) {
        int passed = verdicts.get(Verdict.PASSED);
        int accepted = verdicts.get(Verdict.WRONGLY_ACCEPTED);
        List<Result> results = new ArrayList<>();
        results.add(
                files >= WHOLE
                        ? Result.judged(
                                "passing",
                                "files",
                                List.of((double) passed),
                                ">= " + LEAST_PASSING,
                                passed >= LEAST_PASSING)
                        : count("passing", passed));
        results.add(count("refused", verdicts.get(Verdict.REFUSED)));
        results.add(count("wrongly-rejected", verdicts.get(Verdict.WRONGLY_REJECTED)));
        results.add(
                Result.judged(
                        "wrongly-accepted",
                        "files",
                        List.of((double) accepted),
                        "0",
                        accepted == 0));
        firstMasks.describe("first-mask", results);
        masks.describe("mask", results);
        return new BenchmarkReport(
                "grammar",
                "%d files, %d masks, a vocabulary of %d tokens"
                        .formatted(files, masks.count(), codec.vocabularySize()),
                results);
    }

    private static Result count(String name, int files) {
        return new Result(name, "files", List.of((double) files));
    }
}
