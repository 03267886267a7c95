package dev.cairn.distribution.wiring;

import dev.cairn.core.fleet.LedgerBackend;
import dev.cairn.core.fleet.LedgerReader;
import dev.cairn.core.route.Ledger;
import dev.cairn.core.share.ReturnBlocks;
import dev.cairn.core.share.TakeBlocks;
import dev.cairn.core.split.PromptDesk;
import dev.cairn.core.split.SplitBackend;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.drive.SystemTimers;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.PromptReader;
import dev.cairn.ports.fleet.ClusterCommands.CommandHandler;
import dev.cairn.ports.fleet.CommandLine;
import dev.cairn.ports.request.PrefillPlace;
import dev.cairn.ports.system.Clock;
import dev.cairn.transport.node.NodeCommands;
import dev.cairn.transport.node.NodeReaders;
import dev.cairn.transport.node.NodeSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Prompts read for other workers, and by others for this one, where blocks can travel between them.
 * Threads: one for opening and closing.
 */
@Singleton
final class SplitPrefill {

    private final Configuration configuration;
    private final CacheSharing sharing;
    private final Cluster cluster;
    private final ThreadMailboxes mailboxes;
    private final SystemTimers timers;
    private final ProgramTelemetry telemetry;
    private final Clock clock;
    private final List<PromptDesk> desks = new ArrayList<>();
    private final List<SplitBackend> backends = new ArrayList<>();
    private NodeReaders readers;

    @Inject
    SplitPrefill(
            Configuration configuration,
            CacheSharing sharing,
            Cluster cluster,
            ThreadMailboxes mailboxes,
            SystemTimers timers,
            ProgramTelemetry telemetry,
            Clock clock) {
        this.configuration = configuration;
        this.sharing = sharing;
        this.cluster = cluster;
        this.mailboxes = mailboxes;
        this.timers = timers;
        this.telemetry = telemetry;
        this.clock = clock;
    }

    /**
     * A model as other nodes see it.
     *
     * @param backend answers, with prompts that others read if a request says so
     * @param reader reads prompts for others; empty where no block can travel
     * @param ledger of what routers booked for both
     */
    record Shared(
            String name, GenerationBackend backend, Optional<PromptReader> reader, Ledger ledger) {

        static Shared of(String name, GenerationBackend backend, Optional<PromptReader> reader) {
            Ledger ledger = new Ledger();
            return new Shared(
                    name,
                    new LedgerBackend(backend, ledger),
                    reader.map(each -> new LedgerReader(each, ledger)),
                    ledger);
        }
    }

    Shared share(LoadedModel model) {
        Optional<CacheSharing.FirstTier> first = sharing.firstTier();
        if (first.isEmpty()) {
            return Shared.of(model.name(), model.backend(), Optional.empty());
        }
        if (readers == null) {
            readers = new NodeReaders(NodeSettings.read(configuration), clock);
        }
        CacheSharing.FirstTier way = first.get();
        var desk =
                new PromptDesk(
                        model.backend(),
                        model.runner().description(),
                        way.tier(),
                        way.transport().address(),
                        duration(ProgramSettings.SPLIT_LEASE),
                        mailboxes,
                        timers,
                        telemetry);
        way.listeners().add(desk::stored);
        desks.add(desk);
        var backend =
                new SplitBackend(
                        model.backend(),
                        model.runner().description(),
                        way.tier(),
                        way.transport(),
                        sharing.memory(),
                        readers,
                        duration(ProgramSettings.SPLIT_PATIENCE),
                        handBack(model, way),
                        mailboxes,
                        timers,
                        telemetry);
        backends.add(backend);
        return Shared.of(model.name(), backend, Optional.of(desk));
    }

    /** Readers that are members are asked by the fleet, others at their addresses. */
    private SplitBackend.HandBack handBack(LoadedModel model, CacheSharing.FirstTier way) {
        ReturnBlocks byAddress =
                returns(
                        model,
                        way,
                        way.transport().address(),
                        new NodeCommands(NodeSettings.read(configuration), clock, timers));
        ReturnBlocks byName =
                returns(model, way, cluster.membership().self().id(), cluster.commands());
        return (request, tokens) ->
                request.prefillAt()
                        .ifPresent(
                                place -> {
                                    boolean isMember = isMember(place);
                                    (isMember ? byName : byAddress)
                                            .start(
                                                    isMember ? place.member() : place.address(),
                                                    tokens,
                                                    request.prompt().length,
                                                    request.cacheSalt());
                                });
    }

    private boolean isMember(PrefillPlace place) {
        return cluster.membership().members().stream()
                .anyMatch(member -> member.id().equals(place.member()));
    }

    private ReturnBlocks returns(
            LoadedModel model, CacheSharing.FirstTier way, String self, CommandLine commands) {
        return new ReturnBlocks(
                model.backend().cache().orElseThrow(),
                model.runner().description(),
                way.tier(),
                self,
                commands,
                clock,
                timers,
                telemetry);
    }

    /** What other workers ask of this one at its address. */
    Optional<CommandHandler> command(String name) {
        return name.equals(TakeBlocks.COMMAND)
                ? sharing.takes()
                        .map(
                                take ->
                                        asked ->
                                                Waiting.forAnswer(
                                                        done -> take.takeFromAddress(asked, done)))
                : Optional.empty();
    }

    private Duration duration(String key) {
        Duration duration = configuration.duration(key).orElseThrow();
        if (duration.isZero() || duration.compareTo(Duration.ofHours(1)) > 0) {
            throw configuration.problem(key, "write a time of up to an hour, for example 10s");
        }
        return duration;
    }

    /** Reads nothing more, and has nothing read. */
    void close() {
        backends.forEach(SplitBackend::close);
        desks.forEach(PromptDesk::close);
        if (readers != null) {
            readers.close();
        }
    }
}
