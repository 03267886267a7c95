package dev.cairn.distribution.wiring;

import dev.cairn.core.relay.EngineHoldings;
import dev.cairn.core.relay.FollowedEngines;
import dev.cairn.core.relay.PromptReading;
import dev.cairn.core.route.LiveIndex;
import dev.cairn.core.route.PrefixIndex;
import dev.cairn.core.route.PrefixIndexOptions;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.engine.remote.RemoteSettings;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.relay.PromptReader;
import dev.cairn.ports.relay.RemoteWorker;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a relay knows of engines' caches by their KV events, and of prompts by their tokens. Without
 * tokenizers there is nothing of the kind, and nothing is paid for it.
 */
@Singleton
final class EngineCaches {

    private static final System.Logger LOG = System.getLogger(EngineCaches.class.getName());

    private static final int MOST_BLOCKS = 1 << 26;

    private final Configuration configuration;
    private final ModelOpener opener;
    private final PluginCatalog plugins;
    private final PluginContext context;
    private final ThreadMailboxes mailboxes;
    private final SystemTimers timers;
    private final ProgramTelemetry telemetry;
    private final Map<String, KvEventChannel> channels = new HashMap<>();
    private Optional<FollowedEngines> followed = Optional.empty();
    private Optional<PromptReading> reading = Optional.empty();

    @Inject
    EngineCaches(
            Configuration configuration,
            ModelOpener opener,
            PluginCatalog plugins,
            PluginContext context,
            ThreadMailboxes mailboxes,
            SystemTimers timers,
            ProgramTelemetry telemetry) {
        this.configuration = configuration;
        this.opener = opener;
        this.plugins = plugins;
        this.context = context;
        this.mailboxes = mailboxes;
        this.timers = timers;
        this.telemetry = telemetry;
    }

    /**
     * @param mostWorkers of the relay
     * @throws RuntimeException with a message for the user
     */
    EngineHoldings open(int mostWorkers) {
        Map<String, TextCodec> codecs = codecs();
        if (codecs.isEmpty()) {
            return new WithoutTokenizers();
        }
        reading = Optional.of(new PromptReading(codecs, mailboxes, telemetry));
        var index =
                new PrefixIndex(
                        new PrefixIndexOptions(
                                configuration.requiredInteger(
                                        RemoteSettings.INDEX_BLOCKS, 1024, MOST_BLOCKS),
                                mostWorkers));
        followed =
                Optional.of(
                        new FollowedEngines(
                                new LiveIndex(index, mailboxes, timers, telemetry), this::channel));
        return followed.get();
    }

    private Map<String, TextCodec> codecs() {
        Map<String, TextCodec> codecs = new HashMap<>();
        for (String text : configuration.list(RemoteSettings.TOKENIZERS)) {
            ModelLocation location = ModelLocation.parse(text.strip());
            try {
                TextCodec codec = opener.codec(location);
                if (codecs.put(location.name().orElse(""), codec) != null) {
                    throw configuration.problem(
                            RemoteSettings.TOKENIZERS,
                            "two tokenizers are for %s; write MODEL=FOLDER"
                                    .formatted(location.name().orElse("all models")));
                }
            } catch (ModelException wrong) {
                throw configuration.problem(RemoteSettings.TOKENIZERS, wrong.getMessage());
            }
        }
        return codecs;
    }

    /** One for all engines of a dialect. */
    private Optional<KvEventChannel> channel(String dialect) {
        KvEventChannel open = channels.get(dialect);
        if (open == null) {
            open =
                    plugins.extensions(context, CairnPlugin::kvEventChannels).stream()
                            .map(PluginCatalog.Offer::extension)
                            .filter(offered -> offered.name().equals(dialect))
                            .findFirst()
                            .map(offered -> offered.open().get())
                            .orElse(null);
            if (open != null) {
                channels.put(dialect, open);
            }
        }
        return Optional.ofNullable(open);
    }

    /** After {@link #open}. */
    PromptReader reader() {
        return reading.<PromptReader>map(one -> one).orElse(PromptReader.none());
    }

    void close() {
        followed.ifPresent(FollowedEngines::close);
        reading.ifPresent(PromptReading::close);
        List.copyOf(channels.values()).forEach(KvEventChannel::close);
    }

    /** Events alone help nobody: whose prompt has which blocks, its tokens tell. */
    private static final class WithoutTokenizers implements EngineHoldings {

        private final EngineHoldings nothing = EngineHoldings.none();
        private boolean hasWarned;

        @Override
        public void follow(int number, RemoteWorker worker) {
            if (worker.events().isPresent() && !hasWarned) {
                hasWarned = true;
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} tells KV events, which need the tokenizer of its model: name its folder in {1}",
                        worker.name(),
                        RemoteSettings.TOKENIZERS);
            }
        }

        @Override
        public void leave(int number) {}

        @Override
        public int blockTokens(int number) {
            return 0;
        }

        @Override
        public String state(int number) {
            return "none";
        }

        @Override
        public PrefixIndex index() {
            return nothing.index();
        }
    }
}
