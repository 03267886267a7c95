package dev.cairn.core.relay;

import dev.cairn.core.route.EventTranslation;
import dev.cairn.core.route.LiveIndex;
import dev.cairn.core.route.OwnHashes;
import dev.cairn.core.route.PrefixIndex;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEvent.BlocksStored;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.relay.EventSource;
import dev.cairn.ports.relay.RemoteWorker;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Function;

/**
 * Follows engines by their KV events. Their own hashes may be of any kind, so blocks are hashed
 * anew from the tokens that the events have; an engine that tells its holdings is a Cairn worker,
 * and hashes as we do.
 *
 * <p>Threads: as the port says; the index is written by its own mailbox.
 */
public final class FollowedEngines implements EngineHoldings, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(FollowedEngines.class.getName());

    /** Of one engine, some 150 bytes each. */
    private static final int MOST_BLOCKS = 1 << 18;

    private final LiveIndex live;
    private final Function<String, Optional<KvEventChannel>> channels;
    private final AtomicIntegerArray blockTokens;

    /**
     * @param channels by dialect
     */
    public FollowedEngines(LiveIndex live, Function<String, Optional<KvEventChannel>> channels) {
        this.live = live;
        this.channels = channels;
        this.blockTokens = new AtomicIntegerArray(live.index().options().mostWorkers());
    }

    @Override
    public void follow(int number, RemoteWorker worker) {
        blockTokens.set(number, 0);
        if (worker.events().isEmpty()) {
            live.leave(number);
            return;
        }
        EventSource source = worker.events().get();
        try {
            KvEventChannel channel =
                    channels.apply(source.dialect())
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "nothing here hears the dialect "
                                                            + source.dialect()));
            EventTranslation translation =
                    channel.tellsHoldings()
                            ? EventTranslation.none()
                            : new OwnHashes(new BlockHasher(), MOST_BLOCKS);
            live.follow(
                    number,
                    worker.name(),
                    channel,
                    source.address(),
                    new Sized(number, translation));
        } catch (IllegalArgumentException wrong) {
            live.leave(number);
            LOG.log(
                    Level.WARNING,
                    "KV events of {0}: {1}; it is known by what it is sent",
                    worker.name(),
                    wrong.getMessage());
        }
    }

    @Override
    public void leave(int number) {
        blockTokens.set(number, 0);
        live.leave(number);
    }

    @Override
    public int blockTokens(int number) {
        return blockTokens.get(number);
    }

    @Override
    public String state(int number) {
        return live.knowledge(number).name().toLowerCase(Locale.ROOT);
    }

    @Override
    public PrefixIndex index() {
        return live.index();
    }

    @Override
    public void close() {
        live.close();
    }

    /** Learns how large an engine's blocks are. */
    private final class Sized implements EventTranslation {

        private final int number;
        private final EventTranslation translation;

        Sized(int number, EventTranslation translation) {
            this.number = number;
            this.translation = translation;
        }

        @Override
        public Optional<KvEvent> translate(KvEvent event) {
            Optional<KvEvent> translated = translation.translate(event);
            if (translated.isPresent()
                    && translated.get() instanceof BlocksStored stored
                    && stored.blockTokens() > 0) {
                blockTokens.set(number, stored.blockTokens());
            }
            return translated;
        }

        @Override
        public void begin() {
            translation.begin();
        }
    }
}
