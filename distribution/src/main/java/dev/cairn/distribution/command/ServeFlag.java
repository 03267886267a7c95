package dev.cairn.distribution.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options of {@code cairn bench serve} that are no settings. */
enum ServeFlag {
    URL(
            "--url",
            "URL",
            "Server to load, for example http://127.0.0.1:8000; --model then names one of its"
                    + " models. Without it a Cairn is started, with the settings below."),
    API("--api", "NAME", "chat or completions; by default chat where the model has a template."),
    DATASET(
            "--dataset",
            "NAME,...",
            "Prompts: fixed, chat, shared-prefix, multi-turn, agentic; one after the other. By"
                    + " default chat."),
    TRACE("--trace", "FILE", "Mooncake trace in JSON lines instead of a data set."),
    SPEED("--trace-speed", "X", "Plays a trace that much faster; 1 by default."),
    SCALE(
            "--length-scale",
            "X",
            "Multiplies the lengths of a trace, to fit a smaller model; 1 by default."),
    REQUESTS("--requests", "N", "Requests per data set, conversations kept whole; 100 by default."),
    RATE(
            "--rate",
            "R",
            "Open loop: sessions per second, as they come however the server keeps up."),
    BURSTINESS(
            "--burstiness",
            "B",
            "Shape of the gamma process of --rate: 1, the default, is Poisson, less is burstier."),
    CONCURRENCY("--concurrency", "N", "Closed loop: requests at once; 16 by default."),
    INPUT("--input-len", "TOKENS", "Tokens in, what a template adds included; 128 by default."),
    OUTPUT("--output-len", "TOKENS", "Tokens out; 64 by default."),
    PREFIX("--prefix-len", "TOKENS", "Tokens of a shared system prompt; 512 by default."),
    PREFIXES("--prefixes", "N", "Different system prompts; 4 by default."),
    TURNS("--turns", "N", "Turns of a conversation; 4 by default."),
    SUBAGENTS("--subagents", "N", "Subagents of an agent; 3 by default."),
    SEED("--seed", "N", "The same seed gives the same prompts and arrivals; 1 by default."),
    WARMUP("--warmup", "N", "Sessions before each run that do not count; 0 by default."),
    SLO("--slo", "LIMITS", "Objective for goodput in milliseconds: ttft:500,tpot:50,e2el:9000."),
    EXTRA(
            "--extra",
            "JSON",
            "Members that every request's body gets, for example {\"top_p\": 0.9}."),
    TIMEOUT("--timeout", "SECONDS", "Longest silence of the server; 600 by default."),
    CASES(
            "--cases",
            "NAME,...",
            "Properties instead of a data set, each judged by its goal: fairness, long-prompt,"
                    + " abort, priority, deadline, overload; or all."),
    HTML("--html", "FILE", "Writes a page with tables and plots."),
    SAVE("--save", "FILE", "Writes a line of JSON per request.");

    private final String flag;
    private final String parameter;
    private final String description;

    ServeFlag(String flag, String parameter, String description) {
        this.flag = flag;
        this.parameter = parameter;
        this.description = description;
    }

    String flag() {
        return flag;
    }

    private String[] names() {
        return this == CASES ? new String[] {flag, "--case"} : new String[] {flag};
    }

    /** Adds all of them to a command. */
    static void addTo(CommandSpec spec) {
        for (ServeFlag each : values()) {
            spec.addOption(
                    OptionSpec.builder(each.names())
                            .type(String.class)
                            .arity("1")
                            .paramLabel(each.parameter)
                            .description(each.description)
                            .build());
        }
        spec.addOption(
                OptionSpec.builder(ServeFlags.JSON)
                        .type(boolean.class)
                        .arity("0")
                        .description("Prints one JSON object instead of tables.")
                        .build());
    }
}
