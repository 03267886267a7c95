package dev.cairn.distribution;

import dev.cairn.distribution.command.CommandTree;
import dev.cairn.distribution.command.Terminal;
import dev.cairn.distribution.telemetry.LogOutput;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The main class of {@code cairn}. */
public final class CairnLauncher {

    private CairnLauncher() {}

    /** Runs the command line and ends the JVM with its exit status. */
    public static void main(String[] arguments) {
        // The platform's encoding would turn what models write into question marks.
        PrintStream out =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.setOut(out);
        System.setErr(err);
        // One way to write numbers, wherever it runs.
        Locale.setDefault(Locale.ROOT);
        LogOutput.beforeConfiguration();
        int status = new CommandTree(new Terminal(System.in, out, err)).run(arguments);
        out.flush();
        err.flush();
        System.exit(status);
    }
}
