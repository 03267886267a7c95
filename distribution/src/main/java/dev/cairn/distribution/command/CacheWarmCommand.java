package dev.cairn.distribution.command;

import dev.cairn.distribution.cache.CacheClient;
import dev.cairn.distribution.cache.CacheTables;
import dev.cairn.distribution.cache.PromptFile;
import dev.cairn.distribution.cache.Warming;
import dev.cairn.distribution.wiring.StartException;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn cache warm}. */
final class CacheWarmCommand implements ProgramCommand {

    private static final String AT_ONCE = "--concurrency";
    private static final int MOST_AT_ONCE = 256;
    private static final int INTERRUPTED = 130;
    private static final int SHOWN_FAILURES = 5;

    @Override
    public String name() {
        return "warm";
    }

    @Override
    public String summary() {
        return "Lets a server compute the prompts of a file, after everything else that it has to do;"
                + " Ctrl-C ends it.";
    }

    @Override
    public void describe(CommandSpec spec) {
        spec.addPositional(
                PositionalParamSpec.builder()
                        .paramLabel("FILE")
                        .type(String.class)
                        .arity("1")
                        .description(
                                "A prompt a line: a text as it is, or a JSON object with prompt or"
                                        + " messages.")
                        .build());
        spec.addOption(
                OptionSpec.builder(AT_ONCE)
                        .type(Integer.class)
                        .arity("1")
                        .paramLabel("N")
                        .description("Prompts at a time; 4 by default.")
                        .build());
        CacheOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        CacheOptions given = new CacheOptions(parsed);
        int atOnce = parsed.matchedOptionValue(AT_ONCE, 4);
        if (atOnce < 1 || atOnce > MOST_AT_ONCE) {
            throw new UsageException(
                    "--concurrency must be 1 to %d, got %d".formatted(MOST_AT_ONCE, atOnce));
        }
        List<JsonObject> prompts = PromptFile.read(file(parsed));
        boolean interactive = System.console() != null && System.console().isTerminal();
        Consumer<String> progress =
                interactive ? line -> terminal.err().print("\r" + line) : _ -> {};
        try (CacheClient client = given.client()) {
            Warming warming = new Warming(client, given.model(), prompts, progress);
            stopOnInterrupt(warming);
            JsonObject report = warming.run(atOnce);
            if (interactive) {
                terminal.err().println();
            }
            warming.failures().stream()
                    .limit(SHOWN_FAILURES)
                    .forEach(why -> terminal.err().println("cairn: a prompt failed: " + why));
            given.print(report, CacheTables.counts(report), terminal);
            return warming.failures().isEmpty() ? 0 : Failure.FAILED;
        }
    }

    private static Path file(ParseResult parsed) {
        String name = parsed.matchedPositionalValue(0, "");
        try {
            return Path.of(name);
        } catch (InvalidPathException wrong) {
            throw new StartException("\"%s\" is no path".formatted(name), wrong);
        }
    }

    /** Ctrl-C begins no further prompt; a second time it ends the program. */
    private static void stopOnInterrupt(Warming warming) {
        AtomicBoolean pressed = new AtomicBoolean();
        InterruptKey.listen(
                () -> {
                    if (pressed.getAndSet(true)) {
                        Runtime.getRuntime().halt(INTERRUPTED);
                    }
                    warming.stop();
                });
    }
}
