package dev.cairn.distribution.wiring;

import dev.cairn.core.request.CacheFleet;
import dev.cairn.core.share.HandOverReport;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** The fleet, as the verbs of the cache see it. Threads: any. */
record SharedCaches(CacheSharing sharing) implements CacheFleet {

    /** For each batch of blocks that a member takes. */
    private static final Duration A_BATCH = Duration.ofSeconds(30);

    @Override
    public void drain(Duration atMost, Completion<JsonObject> done) {
        sharing.drain(
                atMost,
                new Completion<>() {
                    @Override
                    public void completed(HandOverReport report) {
                        done.completed((JsonObject) report.toJson());
                    }

                    @Override
                    public void failed(Throwable failure) {
                        done.failed(failure);
                    }
                });
    }

    @Override
    public void move(Set<BlockKey> keys, String member, Completion<List<BlockKey>> done) {
        sharing.move(keys, member, A_BATCH, done);
    }
}
