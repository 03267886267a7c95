package dev.cairn.distribution.drive;

import dev.cairn.ports.system.RandomSource;
import java.util.concurrent.ThreadLocalRandom;

/** Random bits for seeds and lots, not for keys. */
public enum SystemRandom implements RandomSource {
    INSTANCE;

    @Override
    public long nextLong() {
        return ThreadLocalRandom.current().nextLong();
    }
}
