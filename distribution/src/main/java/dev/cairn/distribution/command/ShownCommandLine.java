package dev.cairn.distribution.command;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** A command line as a report may show it: keys are secrets. */
final class ShownCommandLine {

    private static final String KEY = "--api-key";

    private ShownCommandLine() {}

    static String of(ParseResult parsed) {
        List<String> shown = new ArrayList<>(List.of("cairn"));
        boolean secret = false;
        for (String word :
                parsed.commandSpec().root().commandLine().getParseResult().originalArgs()) {
            boolean setsSecret = word.contains("key=") || word.contains("keys=");
            shown.add(
                    secret
                            ? "..."
                            : setsSecret
                                    ? word.substring(0, word.indexOf('=') + 1) + "..."
                                    : word.contains(" ") ? "'" + word + "'" : word);
            secret = word.equals(KEY);
        }
        return String.join(" ", shown);
    }
}
