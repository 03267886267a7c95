package dev.cairn.distribution.wiring;

import dev.cairn.core.fleet.FleetMemory;
import dev.cairn.core.fleet.FleetSettings;
import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.core.fleet.WorkerLimits;
import dev.cairn.core.request.Inference;
import dev.cairn.core.request.Served;
import dev.cairn.core.route.LiveIndex;
import dev.cairn.core.route.PrefixIndex;
import dev.cairn.core.route.RouterJournal;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.config.RoutingSettings;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.incident.DecisionLog;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.distribution.wiring.PolicyShelf.Shelved;
import dev.cairn.ports.cache.KvEventChannel;
import dev.cairn.ports.engine.GenerationBackend.BackendDescription;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.PluginContext;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.RandomSource;
import dev.cairn.transport.http.HttpSettings;
import dev.cairn.transport.node.NodeAddress;
import dev.cairn.transport.node.NodeSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Opens the configured models without their weights, and puts routers over their workers. */
@Singleton
final class RouterAssembly {

    /** Of the events of Cairn's workers. */
    private static final String DIALECT = "cairn";

    private static final int MOST_WAITING = 1 << 20;
    private static final int MOST_WORKERS = 1 << 14;
    private static final int MOST_BLOCKS = 1 << 28;

    private final Configuration configuration;
    private final Installation installation;
    private final ModelOpener opener;
    private final ModelFinder finder;
    private final Cluster cluster;
    private final PluginCatalog plugins;
    private final PluginContext context;
    private final ThreadMailboxes mailboxes;
    private final SystemTimers timers;
    private final CacheTiers tiers;
    private final PolicyShelf policies;
    private final ProgramTelemetry telemetry;
    private final Clock clock;
    private final RandomSource random;
    private final LoraAdapters adapters;

    @Inject
    RouterAssembly(
            Configuration configuration,
            Installation installation,
            ModelOpener opener,
            ModelFinder finder,
            Cluster cluster,
            PluginCatalog plugins,
            PluginContext context,
            ThreadMailboxes mailboxes,
            SystemTimers timers,
            CacheTiers tiers,
            PolicyShelf policies,
            ProgramTelemetry telemetry,
            Clock clock,
            RandomSource random,
            LoraAdapters adapters) {
        this.adapters = adapters;
        this.configuration = configuration;
        this.installation = installation;
        this.opener = opener;
        this.finder = finder;
        this.cluster = cluster;
        this.plugins = plugins;
        this.context = context;
        this.mailboxes = mailboxes;
        this.timers = timers;
        this.tiers = tiers;
        this.policies = policies;
        this.telemetry = telemetry;
        this.clock = clock;
        this.random = random;
    }

    /**
     * @throws RuntimeException with a message for the user; nothing is left open
     */
    ServedModels load() {
        Shelved policy = policies.configured(configuration, RoutingSettings.POLICY);
        Optional<Shelved> shadow = policies.shadow(configuration);
        FleetSettings settings = settings();
        List<NodeAddress> addresses = addresses();
        KvEventChannel channel = channel();
        List<RoutedModel> routed = new ArrayList<>();
        List<Served> served = new ArrayList<>();
        for (ModelLocation asked : ModelLocation.configured(configuration, installation)) {
            ModelLocation location = finder.local(asked);
            RoutedModel model = route(location, policy.policy(), settings, channel);
            routed.add(model);
            served.add(served(model, location));
            addresses.forEach(model.watch()::add);
            if (cluster.configured()) {
                cluster.membership().listen(model.watch());
                others().forEach(model.watch()::joined);
            }
        }
        Inference inference =
                new Inference(
                        served, InferenceAssembly.limits(configuration), clock, random, telemetry);
        adapters.open(served.getFirst().description(), routed.getFirst().artifact())
                .ifPresent(inference::serve);
        inference.routedBy(
                new PolicyDesk(
                        policies,
                        routed.stream().map(RoutedModel::backend).toList(),
                        policy,
                        shadow));
        return new ServedModels(
                inference,
                List.of(),
                List.of(),
                List.copyOf(routed),
                Optional.empty(),
                mailboxes,
                tiers);
    }

    /** Of Cairn's own dialect. */
    private KvEventChannel channel() {
        return plugins.extensions(context, CairnPlugin::kvEventChannels).stream()
                .map(PluginCatalog.Offer::extension)
                .filter(offered -> offered.name().equals(DIALECT))
                .findFirst()
                .orElseThrow(
                        () -> new StartException("nothing here hears the KV events of workers"))
                .open()
                .get();
    }

    private List<Member> others() {
        String self = cluster.membership().self().id();
        return cluster.membership().members().stream()
                .filter(member -> !member.id().equals(self))
                .toList();
    }

    private RoutedModel route(
            ModelLocation location,
            RoutingPolicy policy,
            FleetSettings settings,
            KvEventChannel channel) {
        if (opener.isEncoder(location)) {
            throw configuration.problem(
                    ProgramSettings.MODELS,
                    "%s embeds or scores texts, and a router routes models that generate; serve it with --role all"
                            .formatted(location.location()));
        }
        ModelArtifact artifact = opener.format(location).open(location.location());
        String name = location.name().orElseGet(artifact::defaultName);
        PrefixIndex index = new PrefixIndex(settings.index());
        Optional<DecisionLog> log = log(name);
        LiveIndex live = new LiveIndex(index, mailboxes, timers, telemetry);
        RoutedBackend backend =
                new RoutedBackend(
                        new BackendDescription(
                                name,
                                name,
                                maxModelLength(artifact),
                                "%s over its workers".formatted(policy.name())),
                        settings,
                        policy,
                        new FleetMemory(
                                index,
                                LayerWindows.of(artifact.architecture()),
                                new WorkerEvents(live, channel),
                                log.<RouterJournal>map(each -> each).orElse(RouterJournal.NONE)),
                        mailboxes,
                        timers,
                        random,
                        telemetry);
        return new RoutedModel(
                name,
                artifact,
                TextSide.grammars(artifact, artifact.architecture().vocabularySize()),
                TextSide.style(configuration, artifact.codec()),
                backend,
                new WorkerWatch(name, NodeSettings.read(configuration), clock, timers, backend),
                live,
                channel,
                log);
    }

    /** Of one model the file that is configured, of several one each. */
    private Optional<DecisionLog> log(String model) {
        boolean isOnly = configuration.list(ProgramSettings.MODELS).size() <= 1;
        return configuration
                .text(RoutingSettings.DECISION_LOG)
                .map(file -> isOnly ? file : file + "." + model.replaceAll("[^A-Za-z0-9._-]", "-"))
                .map(
                        file ->
                                new DecisionLog(
                                        Path.of(file),
                                        configuration
                                                .size(RoutingSettings.DECISION_LOG_SIZE)
                                                .orElseThrow()));
    }

    /** Workers may have less room than the model has positions; they say so themselves. */
    private int maxModelLength(ModelArtifact artifact) {
        int positions = artifact.architecture().maxPositions();
        return (int)
                Math.min(
                        positions,
                        configuration.integer(ProgramSettings.MAX_MODEL_LENGTH).orElse(positions));
    }

    private Served served(RoutedModel model, ModelLocation location) {
        return new Served.Generation(
                new ServedModel(
                        model.name(),
                        ModelLocation.baseName(location.location()),
                        ServedModel.Kind.GENERATION,
                        model.backend().description().maxModelLength(),
                        clock.epochMillis() / 1000),
                model.artifact().codec(),
                model.grammars(),
                model.artifact().architecture().vocabularySize(),
                model.artifact().generationDefaults(),
                model.style(),
                model.backend());
    }

    private FleetSettings settings() {
        FleetSettings usual =
                FleetSettings.usual(
                        configuration.requiredInteger(ProgramSettings.BLOCK_TOKENS, 1, 1 << 16));
        Duration longest = configuration.duration(RoutingSettings.LONGEST_WAIT).orElseThrow();
        return new FleetSettings(
                        usual.blockTokens(),
                        configuration.requiredInteger(RoutingSettings.MAX_WORKERS, 1, MOST_WORKERS),
                        configuration.requiredInteger(RoutingSettings.INDEX_BLOCKS, 1, MOST_BLOCKS),
                        usual.mostWaiting(),
                        perWorker(),
                        usual.longestWaitNanos(),
                        usual.graceNanos(),
                        usual.mostTries(),
                        usual.splitTokens(),
                        usual.splitShare(),
                        usual.records(),
                        HttpSettings.tenantWeights(configuration))
                .withWaiting(
                        configuration.requiredInteger(RoutingSettings.MAX_WAITING, 0, MOST_WAITING),
                        longest.toNanos())
                .withSplit(
                        configuration.requiredInteger(
                                RoutingSettings.SPLIT_TOKENS, 0, Integer.MAX_VALUE),
                        configuration.decimal(RoutingSettings.SPLIT_SHARE).orElseThrow());
    }

    private WorkerLimits perWorker() {
        int requests =
                configuration.requiredInteger(
                        RoutingSettings.WORKER_REQUESTS, 0, Integer.MAX_VALUE);
        int tokens =
                configuration.requiredInteger(RoutingSettings.WORKER_TOKENS, 0, Integer.MAX_VALUE);
        return new WorkerLimits(
                requests == 0 ? WorkerLimits.NONE.requests() : requests,
                tokens == 0 ? WorkerLimits.NONE.tokens() : tokens);
    }

    private List<NodeAddress> addresses() {
        List<NodeAddress> addresses = new ArrayList<>();
        for (String text : configuration.list(RoutingSettings.WORKERS)) {
            try {
                addresses.add(NodeAddress.parse(text.strip()));
            } catch (IllegalArgumentException wrong) {
                throw configuration.problem(RoutingSettings.WORKERS, wrong.getMessage());
            }
        }
        if (addresses.isEmpty() && !cluster.configured()) {
            throw configuration.problem(
                    RoutingSettings.WORKERS,
                    "a router needs workers; name them, HOST:PORT each, or join a fleet by"
                            + " --cluster-port and --join; engines that are not Cairn's are named in"
                            + " cairn.remote.workers");
        }
        return addresses;
    }
}
