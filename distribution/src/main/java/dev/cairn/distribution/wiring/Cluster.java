package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.fleet.LoneCommands;
import dev.cairn.distribution.fleet.LoneDirectory;
import dev.cairn.distribution.fleet.LoneMember;
import dev.cairn.distribution.plugin.PluginCatalog;
import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * This process's place in the fleet. With {@code cairn.cluster.port} a plugin joins it to others;
 * without, it is a fleet of one, and no plugin's classes are loaded.
 *
 * <p>Opened when it is first asked for. Threads: any.
 */
@Singleton
public final class Cluster {

    private final Configuration configuration;
    private final PluginCatalog plugins;
    private final PluginContext context;
    private Opened opened;

    @Inject
    Cluster(Configuration configuration, PluginCatalog plugins, PluginContext context) {
        this.configuration = configuration;
        this.plugins = plugins;
        this.context = context;
    }

    /** Whether this process joins others. */
    public boolean configured() {
        return configuration.integer(ProgramSettings.CLUSTER_PORT).isPresent();
    }

    /**
     * Who is there. This process is seen by others from its first {@link #describe} on.
     *
     * @throws dev.cairn.ports.system.Settings.SettingException if it cannot join as configured
     */
    public Membership membership() {
        return opened().membership();
    }

    /** Who holds which blocks. */
    public BlockDirectory directory() {
        return opened().directory();
    }

    /** What members ask of each other. */
    public ClusterCommands commands() {
        return opened().commands();
    }

    /** Announces changed facts on this process: each part adds its own and keeps the others'. */
    public synchronized void describe(UnaryOperator<Member> change) {
        Membership membership = membership();
        membership.update(change.apply(membership.self()));
    }

    /** The same member, which takes no new work. */
    static Member draining(Member self) {
        return new Member(
                self.id(),
                self.role(),
                self.httpAddress(),
                self.transferAddresses(),
                self.models(),
                true,
                self.properties());
    }

    private synchronized Opened opened() {
        if (opened == null) {
            opened = configured() ? join() : alone();
        }
        return opened;
    }

    private Opened alone() {
        var self = new Member("self", Role.ALL, "", Map.of(), Set.of(), false, Map.of());
        return new Opened(new LoneMember(self), new LoneDirectory(), new LoneCommands(self.id()));
    }

    private Opened join() {
        Membership membership = open(CairnPlugin::memberships);
        try {
            return new Opened(
                    membership,
                    open(CairnPlugin::blockDirectories),
                    open(CairnPlugin::clusterCommands));
        } catch (RuntimeException failed) {
            membership.close();
            throw failed;
        }
    }

    private <T> T open(BiFunction<CairnPlugin, PluginContext, List<Extension<T>>> question) {
        return plugins.extensions(context, question).stream()
                .findFirst()
                .orElseThrow(
                        () ->
                                configuration.problem(
                                        ProgramSettings.CLUSTER_PORT,
                                        "no plugin here joins a fleet; put the hazelcast plugin"
                                                + " into plugins/, or leave the port out"))
                .extension()
                .open()
                .get();
    }

    /** Leaves: the others drop this member at once. */
    public synchronized void close() {
        if (opened != null) {
            opened.commands().close();
            opened.directory().close();
            opened.membership().close();
            opened = null;
        }
    }

    private record Opened(
            Membership membership, BlockDirectory directory, ClusterCommands commands) {}
}
