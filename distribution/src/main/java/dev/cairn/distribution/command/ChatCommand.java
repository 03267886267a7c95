package dev.cairn.distribution.command;

import dev.cairn.distribution.chat.ChatOptions;
import dev.cairn.distribution.chat.ChatPartner;
import dev.cairn.distribution.chat.ChatSession;
import dev.cairn.distribution.chat.LocalPartner;
import dev.cairn.distribution.chat.RemotePartner;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.telemetry.LogOutput;
import dev.cairn.distribution.wiring.InferenceAssembly;
import dev.cairn.distribution.wiring.Program;
import dev.cairn.distribution.wiring.ServedModels;
import dev.cairn.distribution.wiring.Setup;
import dev.cairn.distribution.wiring.StartException;
import dev.cairn.transport.http.HttpSettings;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn chat}. */
final class ChatCommand implements ProgramCommand {

    private static final String URL = "--url";
    private static final String SYSTEM = "--system";
    private static final String MAX_TOKENS = "--max-tokens";
    private static final String TEMPERATURE = "--temperature";
    private static final int INTERRUPTED = 130;

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public String summary() {
        return "Talks with a model, loaded here or on a running server.";
    }

    @Override
    public void describe(CommandSpec spec) {
        spec.addOption(
                option(URL, "URL", String.class)
                        .description(
                                "Server to talk with, for example http://127.0.0.1:8080; without"
                                        + " it the model is loaded in this process.")
                        .build());
        spec.addOption(
                option(SYSTEM, "TEXT", String.class)
                        .description("First message of the conversation, by the system.")
                        .build());
        spec.addOption(
                option(MAX_TOKENS, "N", Integer.class)
                        .description("Most tokens of one answer.")
                        .build());
        spec.addOption(
                option(TEMPERATURE, "T", Double.class)
                        .description("0 always says the likeliest.")
                        .build());
        SettingOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        Setup setup = SettingOptions.setup(parsed);
        LogOutput.install(setup.configuration());
        ChatOptions options = options(parsed);
        try {
            return parsed.hasMatchedOption(URL)
                    ? talkRemotely(parsed, setup.configuration(), options, terminal)
                    : talkHere(setup, options, terminal);
        } catch (ChatPartner.ChatException unreachable) {
            throw new StartException(unreachable.getMessage(), unreachable);
        }
    }

    private static int talkHere(Setup setup, ChatOptions options, Terminal terminal) {
        try (Program program = Program.start(setup);
                ServedModels models = program.part(InferenceAssembly.class).load()) {
            return talk(new LocalPartner(models.inference(), options), options, terminal);
        }
    }

    private static int talkRemotely(
            ParseResult parsed,
            Configuration configuration,
            ChatOptions options,
            Terminal terminal) {
        Optional<String> model = configuration.list(ProgramSettings.MODELS).stream().findFirst();
        Optional<String> key = configuration.list(HttpSettings.API_KEYS).stream().findFirst();
        try (RemotePartner partner = new RemotePartner(url(parsed), model, key, options)) {
            return talk(partner, options, terminal);
        }
    }

    private static int talk(ChatPartner partner, ChatOptions options, Terminal terminal) {
        boolean interactive = System.console() != null && System.console().isTerminal();
        AnsweringPartner watched = new AnsweringPartner(partner);
        InterruptKey.listen(
                () -> {
                    if (!watched.abortAnswer()) {
                        Runtime.getRuntime().halt(INTERRUPTED);
                    }
                });
        ChatSession session =
                new ChatSession(
                        watched, options.system(), terminal.in(), terminal.out(), interactive);
        return session.run() ? 0 : Failure.FAILED;
    }

    private static ChatOptions options(ParseResult parsed) {
        Integer maxTokens = parsed.matchedOptionValue(MAX_TOKENS, null);
        Double temperature = parsed.matchedOptionValue(TEMPERATURE, null);
        return new ChatOptions(
                Optional.ofNullable(parsed.matchedOptionValue(SYSTEM, null)),
                maxTokens == null ? OptionalInt.empty() : OptionalInt.of(maxTokens),
                temperature == null ? OptionalDouble.empty() : OptionalDouble.of(temperature));
    }

    private static URI url(ParseResult parsed) {
        String text = parsed.matchedOptionValue(URL, "");
        try {
            URI url = URI.create(text);
            if ("http".equals(url.getScheme()) || "https".equals(url.getScheme())) {
                return url;
            }
        } catch (IllegalArgumentException wrong) {
            // Said below.
        }
        throw new UsageException(
                "--url: \"%s\" is no address of a server; write http://127.0.0.1:8080"
                        .formatted(text));
    }

    private static OptionSpec.Builder option(String name, String parameter, Class<?> type) {
        return OptionSpec.builder(name).type(type).arity("1").paramLabel(parameter);
    }
}
