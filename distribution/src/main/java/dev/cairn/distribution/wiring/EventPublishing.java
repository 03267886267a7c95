package dev.cairn.distribution.wiring;

import dev.cairn.core.block.CacheListener;
import dev.cairn.core.route.CacheNews;
import dev.cairn.core.share.WatchedTier;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.config.Spelling;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.cache.KvEventChannel.Publication;
import dev.cairn.ports.cache.KvEventChannel.PublishedAt;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells others which blocks this process's models hold, each model in a stream of its own. On where
 * routers are answered, or where {@code cairn.kv-events.publish} names dialects.
 *
 * <p>Threads: one for opening and closing, any for the rest.
 */
@Singleton
final class EventPublishing {

    /** Of this dialect is what routers of ours follow. */
    private static final String OWN = "cairn";

    private final Configuration configuration;
    private final PluginCatalog plugins;
    private final PluginContext context;
    private final Cluster cluster;
    private final ThreadMailboxes mailboxes;
    private final SystemTimers timers;
    private final ProgramTelemetry telemetry;
    private final List<CacheNews> news = new CopyOnWriteArrayList<>();
    private final Map<String, KvEventChannel> channels = new LinkedHashMap<>();
    private final Map<String, String> addresses = new LinkedHashMap<>();
    private List<BlockTier> tiers = List.of();

    @Inject
    EventPublishing(
            Configuration configuration,
            PluginCatalog plugins,
            PluginContext context,
            Cluster cluster,
            ThreadMailboxes mailboxes,
            SystemTimers timers,
            ProgramTelemetry telemetry) {
        this.configuration = configuration;
        this.plugins = plugins;
        this.context = context;
        this.cluster = cluster;
        this.mailboxes = mailboxes;
        this.timers = timers;
        this.telemetry = telemetry;
    }

    private List<String> dialects() {
        if (!configuration.flag(ProgramSettings.PREFIX_CACHING).orElse(true)) {
            return List.of();
        }
        List<String> wanted = configuration.list(ProgramSettings.KV_EVENTS);
        return switch (wanted.size() == 1 ? wanted.getFirst() : "") {
            case "off" -> List.of();
            case "auto" ->
                    WorkerNode.answersRouters(configuration, cluster) ? List.of(OWN) : List.of();
            default -> wanted;
        };
    }

    /**
     * Watches tiers, fastest first, once.
     *
     * @return the tiers to use instead
     */
    List<BlockTier> watch(List<BlockTier> used) {
        if (dialects().isEmpty()) {
            return used;
        }
        List<BlockTier> watched = new ArrayList<>();
        for (BlockTier tier : used) {
            watched.add(
                    new WatchedTier(
                            tier, key -> news.forEach(each -> each.changed(tier.name(), key))));
        }
        tiers = List.copyOf(watched);
        return tiers;
    }

    /**
     * Begins the stream of a model, after its tiers were opened.
     *
     * @return hears the changes of its device's cache
     * @throws dev.cairn.ports.system.Settings.SettingException if it cannot be published as
     *     configured
     */
    CacheListener listen(String model, RunnerDescription runner) {
        List<String> dialects = dialects();
        if (dialects.isEmpty()) {
            return CacheListener.NONE;
        }
        CacheNews stream = new CacheNews(runner, tiers, mailboxes, timers, context.clock());
        List<Publication> publications = new ArrayList<>();
        for (String dialect : dialects) {
            publications.add(publish(dialect, model, stream));
        }
        publications.forEach(stream::publishBy);
        news.add(stream);
        telemetry.gauge(
                "cairn:kv_event_batches_dropped",
                "Batches of KV events that found the queue of their channel full",
                Map.of("model_name", model),
                () -> publications.stream().mapToLong(Publication::dropped).sum());
        return stream::on;
    }

    private Publication publish(String dialect, String model, CacheNews stream) {
        String worker = cluster.configured() ? cluster.membership().self().id() : OWN;
        KvEventChannel channel = channels.computeIfAbsent(dialect, this::open);
        try {
            Publication publication = channel.publish(new PublishedAt("", worker, model), stream);
            if (dialect.equals(OWN)) {
                addresses.put(WorkerWatch.EVENTS + model, publication.address());
            }
            return publication;
        } catch (IllegalArgumentException e) {
            throw configuration.problem(ProgramSettings.KV_EVENTS, e.getMessage());
        }
    }

    private KvEventChannel open(String dialect) {
        List<String> known = new ArrayList<>();
        for (var offer : plugins.extensions(context, CairnPlugin::kvEventChannels)) {
            Extension<KvEventChannel> extension = offer.extension();
            if (extension.name().equals(dialect)) {
                return extension.open().get();
            }
            known.add(extension.name());
        }
        throw configuration.problem(
                ProgramSettings.KV_EVENTS,
                "there is no dialect \"%s\"%s; write auto, off, or some of: %s"
                        .formatted(
                                dialect,
                                Spelling.nearest(dialect, known)
                                        .map(near -> ", did you mean " + near + "?")
                                        .orElse(""),
                                String.join(", ", known)));
    }

    /** Where routers find the streams: {@code kv-events.MODEL} and an address each. */
    Map<String, String> properties() {
        return Map.copyOf(addresses);
    }

    /** Publishes nothing more. */
    void close() {
        news.forEach(CacheNews::close);
        news.clear();
        channels.values().forEach(KvEventChannel::close);
        channels.clear();
        addresses.clear();
        tiers = List.of();
    }
}
