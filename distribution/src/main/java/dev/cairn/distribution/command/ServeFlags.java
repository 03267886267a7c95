package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.ServeOptions;
import dev.cairn.distribution.bench.latency.LatencyCase;
import dev.cairn.distribution.bench.load.Slo;
import dev.cairn.distribution.bench.prompt.Api;
import dev.cairn.distribution.bench.prompt.PromptSet;
import dev.cairn.distribution.bench.prompt.PromptShape;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ParseResult;

/** What the options of {@code cairn bench serve} say. */
final class ServeFlags {

    static final String JSON = "--json";

    private static final int MOST_TOKENS = 10_000_000;
    private static final int MOST_REQUESTS = 10_000_000;
    private static final int MOST_STREAMS = 100_000;

    private final ParseResult parsed;

    ServeFlags(ParseResult parsed) {
        this.parsed = parsed;
    }

    /** Reads all options, so that a mistake is told before a server is started. */
    void check() {
        url();
        api();
        patience();
        cases();
        html();
        options();
    }

    boolean json() {
        return parsed.hasMatchedOption(JSON);
    }

    Optional<URI> url() {
        return text(ServeFlag.URL)
                .map(
                        text -> {
                            try {
                                URI url = URI.create(text);
                                if (url.getHost() != null
                                        && ("http".equals(url.getScheme())
                                                || "https".equals(url.getScheme()))) {
                                    return url;
                                }
                            } catch (IllegalArgumentException wrong) {
                                // Said below.
                            }
                            throw wrong(
                                    ServeFlag.URL,
                                    text,
                                    "an address of a server; write http://127.0.0.1:8000");
                        });
    }

    Optional<Api> api() {
        return text(ServeFlag.API)
                .map(
                        text ->
                                switch (text) {
                                    case "chat" -> Api.CHAT;
                                    case "completions" -> Api.COMPLETIONS;
                                    default ->
                                            throw wrong(
                                                    ServeFlag.API,
                                                    text,
                                                    "an API; write chat or completions");
                                });
    }

    Duration patience() {
        return Duration.ofSeconds(whole(ServeFlag.TIMEOUT, 600, 1, 86_400));
    }

    Optional<Path> html() {
        return path(ServeFlag.HTML);
    }

    /** The properties that are asked for; none = load is. */
    List<LatencyCase> cases() {
        List<LatencyCase> all = LatencyCase.all();
        String names = text(ServeFlag.CASES).orElse("");
        if (names.isEmpty() || names.equals("all")) {
            return names.isEmpty() ? List.of() : all;
        }
        return Arrays.stream(names.split(",", -1))
                .map(
                        name ->
                                all.stream()
                                        .filter(each -> each.name().equals(name))
                                        .findFirst()
                                        .orElseThrow(
                                                () ->
                                                        wrong(
                                                                ServeFlag.CASES,
                                                                name,
                                                                "a case; there are "
                                                                        + caseNames())))
                .toList();
    }

    private static String caseNames() {
        return LatencyCase.all().stream().map(LatencyCase::name).collect(Collectors.joining(", "));
    }

    /**
     * @throws UsageException naming the option that makes no sense
     */
    ServeOptions options() {
        OptionalDouble rate = decimal(ServeFlag.RATE);
        boolean streams = text(ServeFlag.CONCURRENCY).isPresent();
        if (rate.isPresent() && streams) {
            throw new UsageException("--rate and --concurrency exclude each other");
        }
        if (text(ServeFlag.TRACE).isPresent() && text(ServeFlag.DATASET).isPresent()) {
            throw new UsageException("--trace and --dataset exclude each other");
        }
        return new ServeOptions(
                sets(),
                shape(),
                path(ServeFlag.TRACE),
                decimal(ServeFlag.SPEED).orElse(1),
                decimal(ServeFlag.SCALE).orElse(1),
                rate,
                decimal(ServeFlag.BURSTINESS).orElse(1),
                streams
                        ? OptionalInt.of(whole(ServeFlag.CONCURRENCY, 16, 1, MOST_STREAMS))
                        : OptionalInt.empty(),
                whole(ServeFlag.WARMUP, 0, 0, MOST_REQUESTS),
                slo(),
                extra(),
                path(ServeFlag.SAVE));
    }

    private PromptShape shape() {
        return new PromptShape(
                whole(ServeFlag.REQUESTS, 100, 1, MOST_REQUESTS),
                whole(ServeFlag.INPUT, 128, 1, MOST_TOKENS),
                whole(ServeFlag.OUTPUT, 64, 1, MOST_TOKENS),
                whole(ServeFlag.PREFIX, 512, 1, MOST_TOKENS),
                whole(ServeFlag.PREFIXES, 4, 1, 10_000),
                whole(ServeFlag.TURNS, 4, 1, 1000),
                whole(ServeFlag.SUBAGENTS, 3, 0, 1000),
                whole(ServeFlag.SEED, 1, 0, Integer.MAX_VALUE));
    }

    private List<PromptSet> sets() {
        return Arrays.stream(text(ServeFlag.DATASET).orElse("chat").split(",", -1))
                .map(
                        name ->
                                PromptSet.named(name)
                                        .orElseThrow(
                                                () ->
                                                        wrong(
                                                                ServeFlag.DATASET,
                                                                name,
                                                                "a data set; there are "
                                                                        + setNames())))
                .toList();
    }

    private static String setNames() {
        return Stream.of(PromptSet.values())
                .map(PromptSet::label)
                .collect(Collectors.joining(", "));
    }

    private Slo slo() {
        try {
            return text(ServeFlag.SLO).map(Slo::read).orElse(Slo.none());
        } catch (IllegalArgumentException wrong) {
            throw new UsageException("--slo: " + wrong.getMessage());
        }
    }

    private JsonObject extra() {
        String text = text(ServeFlag.EXTRA).orElse("{}");
        try {
            if (JsonReader.read(text) instanceof JsonObject object) {
                return object;
            }
        } catch (JsonException wrong) {
            throw new UsageException("--extra: " + wrong.getMessage());
        }
        throw wrong(ServeFlag.EXTRA, text, "a JSON object");
    }

    private Optional<Path> path(ServeFlag flag) {
        return text(flag)
                .map(
                        text -> {
                            try {
                                return Path.of(text);
                            } catch (InvalidPathException none) {
                                throw wrong(flag, text, "a path");
                            }
                        });
    }

    private int whole(ServeFlag flag, int standard, int least, int most) {
        Optional<String> text = text(flag);
        if (text.isEmpty()) {
            return standard;
        }
        try {
            int value = Integer.parseInt(text.get());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException none) {
            // Said below.
        }
        throw wrong(flag, text.get(), "a whole number from %d to %d".formatted(least, most));
    }

    private OptionalDouble decimal(ServeFlag flag) {
        Optional<String> text = text(flag);
        if (text.isEmpty()) {
            return OptionalDouble.empty();
        }
        try {
            double value = Double.parseDouble(text.get());
            if (value > 0 && value < 1e9) {
                return OptionalDouble.of(value);
            }
        } catch (NumberFormatException none) {
            // Said below.
        }
        throw wrong(flag, text.get(), "a number above 0");
    }

    private Optional<String> text(ServeFlag flag) {
        return Optional.ofNullable(parsed.<String>matchedOptionValue(flag.flag(), null));
    }

    private static UsageException wrong(ServeFlag flag, String text, String wanted) {
        return new UsageException("%s: \"%s\" is not %s".formatted(flag.flag(), text, wanted));
    }
}
