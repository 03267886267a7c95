package dev.cairn.distribution.command;

import dev.cairn.core.route.policy.RoutingPolicies;
import dev.cairn.core.simulate.ReplayOutcome;
import dev.cairn.distribution.bench.prompt.Trace;
import dev.cairn.distribution.incident.Incident;
import dev.cairn.distribution.incident.IncidentReport;
import dev.cairn.distribution.replay.DecisionLines;
import dev.cairn.distribution.replay.Replay;
import dev.cairn.distribution.replay.ReplayOptions;
import dev.cairn.distribution.replay.ReplayPage;
import dev.cairn.distribution.replay.ReplayReport;
import dev.cairn.distribution.wiring.PolicyShelf;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.StartException;
import dev.cairn.engine.simulated.CostModel;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.system.JsonWriter;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn replay}. */
final class ReplayCommand implements ProgramCommand {

    private static final String WORKERS = "--workers";
    private static final String ROUTERS = "--routers";
    private static final String POLICY = "--policy";
    private static final String CREDITS = "--credits";
    private static final String COSTS = "--costs";
    private static final String SLOWDOWN = "--slowdown";
    private static final String CACHE_TOKENS = "--cache-tokens";
    private static final String REQUESTS = "--requests";
    private static final String SEED = "--seed";
    private static final String HTML = "--html";
    private static final String DECISIONS = "--decisions";
    private static final String INCIDENT = "--incident";

    private static final int MOST_WORKERS = 16_000;
    private static final int MOST_ROUTERS = 64;
    private static final long MOST_CACHE = 1L << 30;
    private static final double MOST_SLOWDOWN = 1e6;

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String summary() {
        return "Replays a trace through router, schedulers and caches of a fleet, in virtual time.";
    }

    @Override
    public void describe(CommandSpec spec) {
        spec.addPositional(
                PositionalParamSpec.builder()
                        .paramLabel("TRACE")
                        .type(String.class)
                        .arity("0..1")
                        .description(
                                "Requests in Mooncake's form, a JSON object a line: timestamp in"
                                        + " milliseconds, input_length, output_length, hash_ids of"
                                        + " 512-token blocks.")
                        .build());
        option(
                spec,
                INCIDENT,
                String.class,
                "FILE",
                "In place of a trace: makes the decisions of a router's log"
                        + " (cairn.routing.decision-log) again and says whether they are the same;"
                        + " with --policy compares that policy, asked in the same situations.");
        option(spec, WORKERS, int.class, "N", "Workers of the fleet; 64 by default.");
        option(
                spec,
                ROUTERS,
                int.class,
                "N",
                "Routers that take turns, and know of each other what workers report; 1 by"
                        + " default.");
        option(
                spec,
                POLICY,
                String.class,
                "P,...",
                "Who picks the worker, one run each: " + policyNames() + ". kv-aware by default.");
        option(
                spec,
                CREDITS,
                String.class,
                "X,...",
                "Further runs of kv-aware with these worths of a prefix block, for the curve of"
                        + " hits against latency.");
        option(
                spec,
                COSTS,
                String.class,
                "MODEL@DEVICE",
                "How long the engines' steps take; llama-3.1-8b@h200 by default.");
        option(
                spec,
                SLOWDOWN,
                double.class,
                "X",
                "How many times slower the engines are. By default so that under round robin they"
                        + " read prompts for two thirds of the time.");
        option(
                spec,
                CACHE_TOKENS,
                long.class,
                "N",
                "Tokens of KV cache per worker; 1048576 by default.");
        option(spec, REQUESTS, int.class, "N", "Only the first N requests of the trace.");
        option(spec, SEED, long.class, "N", "Of all chance; 1 by default.");
        BenchOptions.addJson(spec);
        option(spec, HTML, String.class, "FILE", "Writes a page with plots.");
        option(
                spec,
                DECISIONS,
                String.class,
                "FILE",
                "Writes a JSON line per request of the first policy: where it went and why.");
        SettingOptions.addTo(spec);
    }

    private static void option(
            CommandSpec spec, String name, Class<?> type, String label, String description) {
        spec.addOption(
                OptionSpec.builder(name)
                        .type(type)
                        .arity("1")
                        .paramLabel(label)
                        .description(description)
                        .build());
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        if (parsed.hasMatchedOption(INCIDENT)) {
            return incident(parsed, terminal);
        }
        if (!parsed.hasMatchedPositional(0)) {
            throw new UsageException("say which trace to replay, or --incident FILE");
        }
        List<RoutingPolicy> policies = policies(parsed.matchedOptionValue(POLICY, "kv-aware"));
        ReplayOptions options = options(parsed);
        CostModel costs = costs(parsed.matchedOptionValue(COSTS, "llama-3.1-8b@h200"));
        Trace trace = trace(parsed);
        ReplayReport report =
                replay(
                        new Replay(options, trace, costs),
                        policies,
                        parsed.matchedOptionValue(DECISIONS, ""));
        String html = parsed.matchedOptionValue(HTML, "");
        if (!html.isEmpty()) {
            write(html, new ReplayPage(report).html());
        }
        terminal.out()
                .print(
                        parsed.hasMatchedOption("--json")
                                ? JsonWriter.write(report.json()) + "\n"
                                : report.text());
        return 0;
    }

    private static int incident(ParseResult parsed, Terminal terminal) {
        if (parsed.hasMatchedPositional(0)) {
            throw new UsageException("give a trace or " + INCIDENT + ", not both");
        }
        String file = parsed.matchedOptionValue(INCIDENT, "");
        Optional<String> name = Optional.ofNullable(parsed.matchedOptionValue(POLICY, null));
        IncidentReport report;
        try (Program program = Program.start(SettingOptions.setup(parsed))) {
            PolicyShelf shelf = program.part(PolicyShelf.class);
            report =
                    new Incident(
                                    policy -> shelf.find(policy).map(PolicyShelf.Shelved::policy),
                                    name.map(policy -> policy(shelf, policy)))
                            .run(Path.of(file));
        }
        terminal.out()
                .print(
                        parsed.hasMatchedOption("--json")
                                ? JsonWriter.write(report.json(name)) + "\n"
                                : report.text(name));
        return report.isIdentical() ? 0 : 1;
    }

    private static RoutingPolicy policy(PolicyShelf shelf, String name) {
        return shelf.find(name)
                .map(PolicyShelf.Shelved::policy)
                .orElseThrow(
                        () ->
                                new UsageException(
                                        "%s: \"%s\" is not a policy; there are %s"
                                                .formatted(
                                                        POLICY,
                                                        name,
                                                        String.join(", ", shelf.names()))));
    }

    private static ReplayReport replay(
            Replay replay, List<RoutingPolicy> policies, String decisions) {
        Consumer<ReplayOutcome> nobody = _ -> {};
        if (decisions.isEmpty()) {
            return replay.run(policies, nobody);
        }
        try (BufferedWriter writer = Files.newBufferedWriter(Path.of(decisions))) {
            return replay.run(policies, new DecisionLines(writer));
        } catch (IOException | UncheckedIOException e) {
            throw new StartException(decisions + " cannot be written: " + e.getMessage());
        }
    }

    private static void write(String file, String text) {
        try {
            Files.writeString(Path.of(file), text);
        } catch (IOException e) {
            throw new StartException(file + " cannot be written: " + e.getMessage());
        }
    }

    private static ReplayOptions options(ParseResult parsed) {
        int workers = parsed.matchedOptionValue(WORKERS, 64);
        check(WORKERS, workers, 1, MOST_WORKERS);
        int routers = parsed.matchedOptionValue(ROUTERS, 1);
        check(ROUTERS, routers, 1, MOST_ROUTERS);
        long cache = parsed.matchedOptionValue(CACHE_TOKENS, 1L << 20);
        check(CACHE_TOKENS, cache, Trace.BLOCK_TOKENS, MOST_CACHE);
        Optional<Double> slowdown = Optional.empty();
        if (parsed.hasMatchedOption(SLOWDOWN)) {
            double given = parsed.matchedOptionValue(SLOWDOWN, 1.0);
            if (!(given > 0 && given <= MOST_SLOWDOWN)) {
                throw new UsageException(SLOWDOWN + " must be above 0, got " + given);
            }
            slowdown = Optional.of(given);
        }
        return new ReplayOptions(
                Path.of(parsed.matchedPositionalValue(0, "")).getFileName().toString(),
                workers,
                routers,
                cache,
                parsed.matchedOptionValue(SEED, 1L),
                slowdown,
                credits(parsed.matchedOptionValue(CREDITS, "")));
    }

    private static void check(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException(
                    "%s must be %d to %d, got %d".formatted(option, least, most, value));
        }
    }

    private static List<Double> credits(String text) {
        List<Double> credits = new ArrayList<>();
        for (String one : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            try {
                double credit = Double.parseDouble(one.strip());
                if (credit >= 0 && credit <= MOST_SLOWDOWN) {
                    credits.add(credit);
                    continue;
                }
            } catch (NumberFormatException e) {
                // Said below, as for a number that is none of a credit.
            }
            throw new UsageException(CREDITS + ": \"" + one + "\" is no number from 0 on");
        }
        return credits;
    }

    private static List<RoutingPolicy> policies(String names) {
        List<RoutingPolicy> policies = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            policies.add(
                    RoutingPolicies.named(name.strip())
                            .orElseThrow(
                                    () ->
                                            new UsageException(
                                                    "%s: \"%s\" is not a policy; there are %s"
                                                            .formatted(
                                                                    POLICY, name, policyNames()))));
        }
        return policies;
    }

    private static String policyNames() {
        return RoutingPolicies.all().stream()
                .map(RoutingPolicy::name)
                .collect(Collectors.joining(", "));
    }

    private static CostModel costs(String pair) {
        return CostModel.named(pair)
                .orElseThrow(
                        () ->
                                new UsageException(
                                        "%s: \"%s\" is no known MODEL@DEVICE; the usual one is llama-3.1-8b@h200"
                                                .formatted(COSTS, pair)));
    }

    private static Trace trace(ParseResult parsed) {
        String file = parsed.matchedPositionalValue(0, "");
        int most = parsed.matchedOptionValue(REQUESTS, Integer.MAX_VALUE);
        check(REQUESTS, most, 1, Integer.MAX_VALUE);
        try (BufferedReader reader = Files.newBufferedReader(Path.of(file))) {
            return Trace.read(reader, file, most);
        } catch (IOException e) {
            throw new StartException(file + " cannot be read: " + e.getMessage());
        }
    }
}
