package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.DeviceBenchmark;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.wiring.BenchmarkRunner;
import dev.cairn.distribution.wiring.Installation;
import dev.cairn.distribution.wiring.ModelShelf;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.ports.engine.DeviceProbe;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench device}. */
final class BenchDeviceCommand implements ProgramCommand {

    private static final int RUNS = 5;
    private static final int CHUNK = 2048;
    private static final String MEBIBYTES = "--mebibytes";
    private static final String WIDTH = "--width";
    private static final String STREAMS = "--streams";
    private static final String DEPTH = "--depth";
    private static final String PROMPT = "--prompt";

    /** Keys and values of 16 tokens of Llama 3.1 8B in bfloat16. */
    private static final long BLOCK_BYTES = 2L << 20;

    @Override
    public String name() {
        return "device";
    }

    @Override
    public String summary() {
        return "Measures an engine on a GPU beside what the GPU does at best.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
        BenchOptions.addRuns(spec, RUNS);
        number(spec, MEBIBYTES, "Size of the large copies; 1024 by default.");
        number(spec, WIDTH, "Width of the square matrices; 8192 by default.");
        number(spec, STREAMS, "Sequences of the wide decode case; 64 by default.");
        number(spec, DEPTH, "Tokens before what the wide decode case writes; 2048 by default.");
        number(spec, PROMPT, "Tokens of the prefill case; 8192 by default.");
        BenchOptions.addJson(spec);
    }

    private static void number(CommandSpec spec, String name, String description) {
        spec.addOption(
                OptionSpec.builder(name)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("N")
                        .description(description)
                        .build());
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        int runs = BenchOptions.runs(parsed, RUNS);
        long bytes = (long) BenchOptions.number(parsed, MEBIBYTES, 1024, 1, 1 << 16) << 20;
        int width = BenchOptions.number(parsed, WIDTH, 8192, 16, 1 << 16);
        var sizes =
                new DeviceBenchmark.Sizes(
                        BenchOptions.number(parsed, STREAMS, 64, 1, 1024),
                        BenchOptions.number(parsed, DEPTH, 2048, 1, 1 << 20),
                        BenchOptions.number(parsed, PROMPT, 8192, 1, 1 << 20));
        BenchmarkReport report =
                measure(SettingOptions.setup(parsed, List.of()), bytes, width, sizes, runs);
        BenchOptions.print(parsed, terminal, report, report.table() + report.goals());
        return 0;
    }

    /** Of a decode step, of a wide one, and of a chunk of a prompt. */
    private static List<Integer> rows(DeviceBenchmark.Sizes sizes) {
        return Stream.of(1, sizes.streams(), Math.min(CHUNK, sizes.prompt()))
                .distinct()
                .sorted()
                .toList();
    }

    /** The device alone first, for a model would leave it little memory. */
    private static BenchmarkReport measure(
            Setup setup, long bytes, int width, DeviceBenchmark.Sizes sizes, int runs) {
        List<String> models = setup.configuration().list(ProgramSettings.MODELS);
        String name = models.isEmpty() ? Installation.BUNDLED_MODEL : models.getFirst();
        try (Program program = Program.start(setup);
                ModelArtifact artifact = program.part(ModelShelf.class).open(name)) {
            ModelArchitecture architecture = artifact.architecture();
            if (architecture.maxPositions() < sizes.longest()) {
                throw new UsageException(
                        "%s reads %d tokens at most, the cases have %d: lower %s and %s"
                                .formatted(
                                        name,
                                        architecture.maxPositions(),
                                        sizes.longest(),
                                        DEPTH,
                                        PROMPT));
            }
            BenchmarkRunner runners = program.part(BenchmarkRunner.class);
            List<DeviceProbe.Rate> best =
                    runners.deviceRates(
                            new DeviceProbe(
                                    bytes,
                                    Math.min(BLOCK_BYTES, bytes),
                                    width,
                                    DeviceBenchmark.shapes(architecture),
                                    rows(sizes),
                                    runs));
            if (best.isEmpty()) {
                throw new UsageException(
                        "the chosen engine computes on this machine's processors, not on a device; use `cairn bench engine`, or --engine cuda");
            }
            try (ModelRunner runner =
                    runners.open(artifact, sizes.cacheTokens(), sizes.longest(), sizes.streams())) {
                String subject = name + " on " + runner.description().report();
                return new BenchmarkReport(
                        "device",
                        subject,
                        new DeviceBenchmark(architecture, runner, best, sizes, runs).run());
            }
        }
    }
}
