package dev.cairn.distribution.command;

import dev.cairn.distribution.config.ConfigurationInput.Assignment;
import dev.cairn.distribution.config.LoraSettings;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.transport.http.HttpSettings;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Flags that are shorthands for configuration keys. */
enum SettingFlag {
    MODEL(
            "--model",
            ProgramSettings.MODELS,
            "[NAME=]MODEL",
            Kind.LIST,
            "Model to serve: a folder, a GGUF file, ORG/NAME[@REVISION] of a hub or dummy:SHAPE[:SEED];"
                    + " may be repeated. Without it the bundled model is served."),
    LORA(
            "--lora",
            LoraSettings.ADAPTERS,
            "NAME=PATH",
            Kind.LIST,
            "LoRA adapter of the first model: a folder that PEFT wrote; may be repeated."),
    ENGINE("--engine", ProgramSettings.ENGINE, "NAME", Kind.VALUE, "Engine that computes."),
    ROLE("--role", ProgramSettings.ROLE, "ROLE", Kind.VALUE, "What this process does: all."),
    DTYPE(
            "--dtype",
            ProgramSettings.DTYPE,
            "TYPE",
            Kind.VALUE,
            "Type of the weights: auto, float32, float16, bfloat16, q8_0 or q4_0."),
    KV_CACHE_DTYPE(
            "--kv-cache-dtype",
            ProgramSettings.KV_CACHE_DTYPE,
            "TYPE",
            Kind.VALUE,
            "Type of cached keys and values: auto, float32, bfloat16 or int8."),
    KV_CACHE_MEMORY(
            "--kv-cache-memory",
            ProgramSettings.DEVICE_CACHE_SIZE,
            "SIZE",
            Kind.VALUE,
            "Memory for the KV cache of each model, for example 4GiB."),
    MAX_MODEL_LENGTH(
            "--max-model-len",
            ProgramSettings.MAX_MODEL_LENGTH,
            "TOKENS",
            Kind.VALUE,
            "Longest prompt and answer together."),
    MAX_SEQUENCES(
            "--max-num-seqs",
            ProgramSettings.MAX_SEQUENCES,
            "N",
            Kind.VALUE,
            "Most sequences in one step."),
    MAX_BATCHED_TOKENS(
            "--max-num-batched-tokens",
            ProgramSettings.MAX_BATCHED_TOKENS,
            "N",
            Kind.VALUE,
            "Most tokens in one step."),
    HOST("--host", HttpSettings.HOST, "HOST", Kind.VALUE, "Address to listen on."),
    PORT("--port", HttpSettings.PORT, "PORT", Kind.VALUE, "Port to listen on; 0 takes a free one."),
    CLUSTER_PORT(
            "--cluster-port",
            ProgramSettings.CLUSTER_PORT,
            "PORT",
            Kind.VALUE,
            "Port at which other members of a fleet reach this one; without it there is no fleet."),
    JOIN(
            "--join",
            ProgramSettings.CLUSTER_JOIN,
            "HOST:PORT,...",
            Kind.VALUE,
            "Members of the fleet to join."),
    API_KEY(
            "--api-key",
            HttpSettings.API_KEYS,
            "KEY",
            Kind.LIST,
            "Key that clients must send; may be repeated. Others on this machine can see command"
                    + " lines: CAIRN_HTTP_API_KEYS hides it."),
    INSECURE(
            "--insecure",
            HttpSettings.INSECURE,
            "",
            Kind.SWITCH,
            "Listen beyond loopback without an API key."),
    TLS_CERTIFICATE(
            "--tls-cert",
            HttpSettings.TLS_CERTIFICATE,
            "FILE",
            Kind.VALUE,
            "PEM file with the certificate chain."),
    TLS_PRIVATE_KEY(
            "--tls-key",
            HttpSettings.TLS_PRIVATE_KEY,
            "FILE",
            Kind.VALUE,
            "PEM file with the private key.");

    /** How often a flag stands, and whether a value follows. */
    private enum Kind {
        VALUE,
        LIST,
        SWITCH
    }

    private final String flag;
    private final String key;
    private final String parameter;
    private final Kind kind;
    private final String description;

    SettingFlag(String flag, String key, String parameter, Kind kind, String description) {
        this.flag = flag;
        this.key = key;
        this.parameter = parameter;
        this.kind = kind;
        this.description = description;
    }

    /** Adds all flags to a command. */
    static void addTo(CommandSpec spec) {
        for (SettingFlag setting : values()) {
            OptionSpec.Builder option =
                    OptionSpec.builder(setting.flag)
                            .description(setting.description, "Key: " + setting.key)
                            .paramLabel(setting.parameter);
            switch (setting.kind) {
                case VALUE -> option.type(String.class).arity("1");
                case LIST -> option.type(List.class).auxiliaryTypes(String.class).arity("1");
                case SWITCH -> option.type(boolean.class).arity("0");
            }
            spec.addOption(option.build());
        }
    }

    /** What the flags of a command line set. */
    static List<Assignment> assignments(ParseResult parsed) {
        List<Assignment> assignments = new ArrayList<>();
        for (SettingFlag setting : values()) {
            if (parsed.hasMatchedOption(setting.flag)) {
                assignments.add(setting.assignment(parsed));
            }
        }
        return assignments;
    }

    private Assignment assignment(ParseResult parsed) {
        return switch (kind) {
            case VALUE -> new Assignment(key, given(parsed.matchedOptionValue(flag, "")), flag);
            case LIST -> {
                List<String> values = parsed.matchedOptionValue(flag, List.of());
                values.forEach(this::given);
                yield Assignment.ofList(key, values, flag);
            }
            case SWITCH -> new Assignment(key, "true", flag);
        };
    }

    /** A shell's unset variable is no value: a server must not start open where a key was meant. */
    private String given(String value) {
        if (value.isBlank()) {
            throw new UsageException(flag + " is empty; give a value or leave it out");
        }
        return value;
    }
}
