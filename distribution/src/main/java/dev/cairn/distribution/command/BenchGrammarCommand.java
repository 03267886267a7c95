package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.grammar.GrammarBenchmark;
import dev.cairn.distribution.bench.grammar.GrammarBenchmark.FileVerdict;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.wiring.Installation;
import dev.cairn.distribution.wiring.ModelShelf;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.distribution.wiring.StartException;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench grammar}. */
final class BenchGrammarCommand implements ProgramCommand {

    private static final String TOKENIZER = "--tokenizer";
    private static final String FILES = "--files";
    private static final String FAILURES = "--failures";
    private static final String DETAILS = "--details";

    @Override
    public String name() {
        return "grammar";
    }

    @Override
    public String summary() {
        return "Measures structured output: schemas that are held exactly, and the time of their"
                + " token masks.";
    }

    @Override
    public void describe(CommandSpec spec) {
        spec.addPositional(
                PositionalParamSpec.builder()
                        .paramLabel("DIR")
                        .type(String.class)
                        .arity("1")
                        .description(
                                "Folder of MaskBench's files: the data of"
                                        + " github.com/guidance-ai/jsonschemabench.")
                        .build());
        spec.addOption(
                OptionSpec.builder(TOKENIZER)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("PATH")
                        .description(
                                "Vocabulary: a folder with tokenizer.json or a GGUF file; the first"
                                        + " configured model's by default.")
                        .build());
        spec.addOption(
                OptionSpec.builder(FILES)
                        .type(int.class)
                        .arity("1")
                        .paramLabel("N")
                        .description("Only so many files, spread over all.")
                        .build());
        spec.addOption(
                OptionSpec.builder(FAILURES)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("FILE")
                        .description("Writes a line per file that did not pass, and why.")
                        .build());
        spec.addOption(
                OptionSpec.builder(DETAILS)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("FILE")
                        .description(
                                "Writes a JSON object per file: its verdict, and the nanoseconds of"
                                        + " its first mask and of each token.")
                        .build());
        SettingOptions.addTo(spec);
        BenchOptions.addJson(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        List<Path> files = files(parsed);
        Setup setup = SettingOptions.setup(parsed, List.of());
        try (Program program = Program.start(setup)) {
            TextCodec codec = program.part(ModelShelf.class).codec(tokenizer(parsed, setup));
            var benchmark =
                    new GrammarBenchmark(codec, codec.vocabularySize(), codec.endOfSequenceIds());
            BenchmarkReport report = run(parsed, benchmark, files);
            if (parsed.hasMatchedOption(FAILURES)) {
                write(parsed.matchedOptionValue(FAILURES, ""), benchmark.failures());
            }
            BenchOptions.print(parsed, terminal, report, report.table() + "\n" + report.goals());
            return 0;
        } catch (IOException unreadable) {
            throw new StartException(unreadable.getMessage());
        }
    }

    private static BenchmarkReport run(
            ParseResult parsed, GrammarBenchmark benchmark, List<Path> files) throws IOException {
        if (!parsed.hasMatchedOption(DETAILS)) {
            return benchmark.run(files, (_, _, _) -> {});
        }
        try (var out = Files.newBufferedWriter(Path.of(parsed.matchedOptionValue(DETAILS, "")))) {
            return benchmark.run(
                    files,
                    (verdict, first, masks) ->
                            out.append(JsonWriter.write(detail(verdict, first, masks)))
                                    .append('\n'));
        }
    }

    private static JsonObject detail(FileVerdict verdict, long first, long[] masks) {
        return JsonObject.builder()
                .put("file", verdict.file())
                .put("verdict", verdict.verdict().name())
                .put("why", verdict.why())
                .put("first", first)
                .put(
                        "masks",
                        JsonValue.array(LongStream.of(masks).mapToObj(JsonNumber::of).toList()))
                .build();
    }

    private static String tokenizer(ParseResult parsed, Setup setup) {
        if (parsed.hasMatchedOption(TOKENIZER)) {
            return parsed.matchedOptionValue(TOKENIZER, "");
        }
        List<String> models = setup.configuration().list(ProgramSettings.MODELS);
        return models.isEmpty() ? Installation.BUNDLED_MODEL : models.getFirst();
    }

    /** In the order of their names; where not all are wanted, every so manieth. */
    private static List<Path> files(ParseResult parsed) {
        Path folder = Path.of(parsed.matchedPositionalValue(0, ""));
        List<Path> all;
        try (Stream<Path> listed = Files.list(folder)) {
            all = listed.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        } catch (IOException e) {
            throw new StartException(folder + " cannot be listed: " + e.getMessage());
        }
        int wanted = parsed.matchedOptionValue(FILES, all.size());
        if (all.isEmpty() || wanted < 1) {
            throw new UsageException(
                    all.isEmpty()
                            ? folder + " has no .json files"
                            : FILES + " must be at least 1, got " + wanted);
        }
        double stride = Math.max(1, (double) all.size() / wanted);
        return Stream.iterate(0.0, at -> at < all.size(), at -> at + stride)
                .map(at -> all.get(at.intValue()))
                .toList();
    }

    private static void write(String file, List<FileVerdict> failures) throws IOException {
        Files.write(
                Path.of(file),
                failures.stream()
                        .map(each -> each.file() + "\t" + each.verdict() + "\t" + each.why())
                        .toList());
    }
}
