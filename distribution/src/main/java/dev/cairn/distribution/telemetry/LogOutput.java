package dev.cairn.distribution.telemetry;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Where logs go: to standard error, a line each, as text or as JSON. Everybody logs through {@code
 * System.Logger}, which ends in {@code java.util.logging}.
 */
public final class LogOutput extends Handler {

    /** Libraries that are chatty at a level at which we are not. */
    private static final List<Logger> QUIET =
            List.of(
                    Logger.getLogger("org.jboss"),
                    Logger.getLogger("io.helidon"),
                    Logger.getLogger("io.smallrye"),
                    Logger.getLogger("ai.djl"));

    /**
     * Warns at every start of flags that would cost the AOT cache, and in many lines of a member
     * that goes; the plugin says it in one.
     */
    private static final Logger ERRORS_ONLY = Logger.getLogger("com.hazelcast");

    private static final Map<String, Level> LEVELS =
            Map.of(
                    "error", Level.SEVERE,
                    "warning", Level.WARNING,
                    "info", Level.INFO,
                    "debug", Level.FINE,
                    "trace", Level.FINEST);

    private final PrintStream out;
    private final LogFormat format;

    LogOutput(PrintStream out, LogFormat format) {
        this.out = out;
        this.format = format;
    }

    /** Before there is a configuration: warnings of libraries, as text. */
    public static void beforeConfiguration() {
        install(new LogOutput(System.err, new LogFormat.Text(List.of())), Level.WARNING);
    }

    public static void install(Configuration configuration) {
        String name = configuration.requiredText(ProgramSettings.LOG_LEVEL);
        Level level = LEVELS.get(name);
        if (level == null) {
            throw configuration.problem(
                    ProgramSettings.LOG_LEVEL,
                    "\"%s\" is no level; write error, warning, info, debug or trace"
                            .formatted(name));
        }
        List<String> secrets = configuration.secrets();
        LogFormat format =
                switch (configuration.requiredText(ProgramSettings.LOG_FORMAT)) {
                    case "text" -> new LogFormat.Text(secrets);
                    case "json" -> new LogFormat.Json(secrets);
                    case String other ->
                            throw configuration.problem(
                                    ProgramSettings.LOG_FORMAT,
                                    "\"" + other + "\" is no format; write text or json");
                };
        install(new LogOutput(System.err, format), level);
    }

    private static void install(LogOutput output, Level level) {
        Logger root = Logger.getLogger("");
        Arrays.stream(root.getHandlers()).forEach(root::removeHandler);
        root.addHandler(output);
        root.setLevel(level);
        boolean verbose = level.intValue() < Level.INFO.intValue();
        QUIET.forEach(logger -> logger.setLevel(verbose ? level : Level.WARNING));
        ERRORS_ONLY.setLevel(verbose ? level : Level.SEVERE);
    }

    @Override
    public void publish(LogRecord record) {
        // One call, so that lines of different threads do not mix.
        out.print(format.line(record));
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public void close() {
        flush();
    }
}
