package dev.cairn.distribution.command;

import dev.cairn.distribution.wiring.Installation;
import dev.cairn.distribution.wiring.ProgramVersion;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code cairn version}. */
final class VersionCommand implements ProgramCommand {

    @Override
    public String name() {
        return "version";
    }

    @Override
    public String summary() {
        return "Prints the version of Cairn, of Java, and the engines that work here.";
    }

    @Override
    public void describe(CommandSpec spec) {
        SettingOptions.addTo(spec);
    }

    @Override
    public int run(ParseResult parsed, Terminal terminal) {
        ProgramVersion version = ProgramVersion.of(Installation.locate());
        terminal.out()
                .printf(
                        "cairn %s%s%n",
                        version.number(),
                        version.commit().map(commit -> " (commit " + commit + ")").orElse(""));
        terminal.out().printf("java  %s (%s)%n", Runtime.version(), property("java.vm.name"));
        terminal.out()
                .printf(
                        "os    %s %s, %s, %d processors%n",
                        property("os.name"),
                        property("os.version"),
                        property("os.arch"),
                        Runtime.getRuntime().availableProcessors());
        EngineReport.print(SettingOptions.setup(parsed), terminal);
        return 0;
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }
}
