package dev.cairn.storage.disk;

import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.storage.slots.EvictionPolicy;
import dev.cairn.storage.slots.Retention;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Tiers and blocks of the tests. */
final class TestTier {

    /** 16 KiB a block, in 2 slices. */
    static final KvLayout LAYOUT = new KvLayout(2, 16, 4, 16, KvType.FLOAT32);

    private TestTier() {}

    static boolean nightly() {
        return "nightly".equals(System.getProperty("cairn.test.size"));
    }

    static DiskOptions options(Path folder, long bytes) {
        return new DiskOptions(
                folder, bytes, Retention.of(EvictionPolicy.LRU), SyncPolicy.NEVER, 64, 2);
    }

    static DiskTier open(Path folder, long bytes) {
        return open(options(folder, bytes), ChannelFile::open);
    }

    static DiskTier open(DiskOptions options, BlockFile.Opener opener) {
        try {
            return DiskTier.open(options, new TestClock(), Telemetry.none(), opener);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
