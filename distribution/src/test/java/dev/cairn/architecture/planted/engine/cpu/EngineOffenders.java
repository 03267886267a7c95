package dev.cairn.architecture.planted.engine.cpu;

import dev.cairn.architecture.planted.core.CoreOffenders;
import jakarta.inject.Inject;
import java.util.logging.Logger;

/** What an adapter must not do, each once. */
public final class EngineOffenders {

    private EngineOffenders() {}

    public static final class SeesTheCore {
        public long now() {
            return new CoreOffenders.LooksAtTheClock().now();
        }
    }

    static final class WiresItself {
        @Inject Object dependency;
    }

    static final class LogsThroughALibrary {
        void log() {
            Logger.getLogger("planted").fine("");
        }
    }
}
