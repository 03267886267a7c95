package dev.cairn.distribution.command;

import dev.cairn.distribution.bench.prompt.Trace.BadTraceException;
import dev.cairn.distribution.bench.server.ServerException;
import dev.cairn.distribution.plugin.PluginException;
import dev.cairn.distribution.wiring.StartException;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.Settings.SettingException;

/**
 * How a failure ends the program: a line for the user where it is one of those that have a message
 * for the user, the whole trace where it is a bug.
 */
final class Failure {

    /** Asked for what makes no sense: command line or configuration. */
    static final int USAGE = 2;

    /** Asked for what makes sense, but cannot be had. */
    static final int FAILED = 1;

    private Failure() {}

    /** Tells the user, and gives the exit status. */
    static int report(Throwable thrown, boolean stackTrace, Terminal terminal) {
        Throwable known = known(thrown);
        if (known == null) {
            terminal.err().println("cairn: this is a bug: " + thrown);
            thrown.printStackTrace(terminal.err());
            return FAILED;
        }
        terminal.err().println("cairn: " + known.getMessage());
        if (stackTrace) {
            thrown.printStackTrace(terminal.err());
        }
        return known instanceof UsageException || known instanceof SettingException
                ? USAGE
                : FAILED;
    }

    /** The container wraps what constructors throw. */
    private static Throwable known(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof UsageException
                    || cause instanceof SettingException
                    || cause instanceof StartException
                    || cause instanceof PluginException
                    || cause instanceof ModelException
                    || cause instanceof ServerException
                    || cause instanceof BadTraceException) {
                return cause;
            }
        }
        return null;
    }
}
