package dev.cairn.plugin.hazelcast;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Members come and go by the thousand here; nobody reads a line about each. */
final class QuietLogs {

    /** Kept, because a logger that nobody keeps forgets its level. */
    private static final List<Logger> LOGGERS =
            List.of(Logger.getLogger("com.hazelcast"), Logger.getLogger("dev.cairn"));

    private QuietLogs() {}

    static void turnDown() {
        LOGGERS.forEach(logger -> logger.setLevel(Level.SEVERE));
    }
}
