package dev.cairn.architecture.planted.core;

import dev.cairn.architecture.planted.engine.cpu.EngineOffenders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;

/** What a core class must not do, each once, to prove that the rules see it. */
public final class CoreOffenders {

    private CoreOffenders() {}

    static final class SeesAnAdapter {
        Object engine() {
            return new EngineOffenders.SeesTheCore();
        }
    }

    static final class StartsAThread {
        void start() {
            Thread.ofVirtual().start(() -> {});
        }
    }

    static final class ReadsAFile {
        long size(Path path) throws IOException {
            return Files.size(path);
        }
    }

    static final class DrawsLots {
        int draw() {
            return new Random(1).nextInt();
        }
    }

    public static final class LooksAtTheClock {
        public long now() {
            return System.nanoTime();
        }
    }

    static final class AsksForTheDate {
        Instant today() {
            return Instant.now();
        }
    }

    static final class LocksABlock {
        private int count;

        int next() {
            synchronized (this) {
                return count++;
            }
        }
    }

    static final class LocksAMethod {
        private int count;

        synchronized int next() {
            return count++;
        }
    }
}
