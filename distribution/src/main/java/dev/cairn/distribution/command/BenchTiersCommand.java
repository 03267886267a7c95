package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.tier.PrefixBenchmark;
import dev.cairn.distribution.bench.tier.PrefixLender;
import dev.cairn.distribution.bench.tier.TierBenchmark;
import dev.cairn.distribution.config.ConfigurationInput.Assignment;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.distribution.wiring.StartException;
import dev.cairn.distribution.wiring.TierShelf;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.transport.kv.KvOptions;
import dev.cairn.transport.kv.KvSettings;
import dev.cairn.transport.kv.KvTransport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn bench tiers}. */
final class BenchTiersCommand implements ProgramCommand {

    private static final String FOLDER = "--folder";
    private static final String ONLY = "--only";
    private static final int RUNS = 5;

    @Override
    public String name() {
        return "tiers";
    }

    @Override
    public String summary() {
        return "Measures the cache tiers host and disk beside memcpy with CRC32C and sequential"
                + " direct I/O, and peers beside a TCP stream and shared memory; with --model, the"
                + " time to the first token of a prompt that lies in each tier.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
        spec.addOption(
                OptionSpec.builder(FOLDER)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("DIR")
                        .description(
                                "Where on the disk to measure, 5 GiB; the current folder by"
                                        + " default. What is written there is deleted.")
                        .build());
        spec.addOption(
                OptionSpec.builder(ONLY)
                        .type(String.class)
                        .arity("1")
                        .paramLabel("PARTS")
                        .description("Of host, disk and peer, with commas between; all by default.")
                        .build());
        spec.addOption(
                OptionSpec.builder(PrefixLender.OPTION)
                        .hidden(true)
                        .description("Be the peer of a benchmark, which says what to lend.")
                        .build());
        BenchOptions.addRuns(spec, RUNS);
        BenchOptions.addJson(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        if (parsed.hasMatchedOption(PrefixLender.OPTION)) {
            lend(parsed, terminal);
            return 0;
        }
        int runs = BenchOptions.runs(parsed, RUNS);
        Path folder = Path.of(parsed.matchedOptionValue(FOLDER, ".")).toAbsolutePath().normalize();
        BenchmarkReport report;
        try {
            Path own = Files.createTempDirectory(folder, "cairn-bench-tiers");
            try {
                report = measure(parsed, own, runs);
            } finally {
                TierBenchmark.delete(own);
            }
        } catch (IOException e) {
            throw new StartException("--folder " + folder + " cannot be used: " + e);
        }
        BenchOptions.print(parsed, terminal, report, report.table() + "\n" + report.goals());
        return 0;
    }

    private static void lend(ParseResult parsed, Terminal terminal) {
        try (Program program = Program.start(SettingOptions.setup(parsed, List.of()))) {
            PluginContext context = program.part(PluginContext.class);
            BlockTransport transport =
                    transport(KvSettings.read(context.settings()), true, context);
            var input = new InputStreamReader(terminal.in(), StandardCharsets.UTF_8);
            PrefixLender.run(transport, new BufferedReader(input), terminal.out());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<TierBenchmark.Part> parts(ParseResult parsed) {
        String only = parsed.matchedOptionValue(ONLY, "host,disk,peer");
        Set<TierBenchmark.Part> parts = EnumSet.noneOf(TierBenchmark.Part.class);
        for (String name : only.split(",", -1)) {
            parts.add(
                    Arrays.stream(TierBenchmark.Part.values())
                            .filter(part -> part.tier().equals(name))
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            new StartException(
                                                    ONLY
                                                            + " "
                                                            + only
                                                            + ": write host, disk or peer, with"
                                                            + " commas between")));
        }
        return parts;
    }

    private static BenchmarkReport measure(ParseResult parsed, Path own, int runs)
            throws IOException {
        var path = new Assignment("cairn.cache.disk.path", own.resolve("tier").toString(), FOLDER);
        Setup setup = SettingOptions.setup(parsed, List.of(path));
        if (!setup.configuration().list(ProgramSettings.MODELS).isEmpty()) {
            return prefixes(setup, runs, parts(parsed));
        }
        try (Program program = Program.start(setup)) {
            TierShelf tiers = program.part(TierShelf.class);
            var context = program.part(PluginContext.class);
            KvOptions options = KvSettings.read(context.settings());
            return new TierBenchmark(
                            tiers::open, shared -> transport(options, shared, context), own, runs)
                    .run(parts(parsed));
        }
    }

    private static BlockTransport transport(
            KvOptions options, boolean sharedMemory, PluginContext context) {
        try {
            return new KvTransport(
                    sharedMemory ? options : options.withoutSharedMemory(),
                    context.clock(),
                    context.random());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static BenchmarkReport prefixes(Setup setup, int runs, Set<TierBenchmark.Part> parts) {
        return ModelBench.run(
                setup,
                (subject, artifact, runner, program) -> {
                    TierShelf tiers = program.part(TierShelf.class);
                    PluginContext context = program.part(PluginContext.class);
                    KvOptions options = KvSettings.read(context.settings());
                    var benchmark =
                            new PrefixBenchmark(
                                    runner,
                                    artifact.codec(),
                                    tiers::open,
                                    tiers::chain,
                                    () -> transport(options, true, context),
                                    runs,
                                    parts);
                    return new BenchmarkReport("tiers", subject, benchmark.run());
                });
    }
}
