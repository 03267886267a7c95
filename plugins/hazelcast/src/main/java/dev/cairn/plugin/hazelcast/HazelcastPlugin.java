package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.fleet.ClusterCommands;
import dev.cairn.ports.fleet.Membership;
import dev.cairn.ports.plugin.CairnPlugin;
import dev.cairn.ports.plugin.Extension;
import dev.cairn.ports.plugin.PluginContext;
import java.util.List;

/**
 * A fleet by Hazelcast as a plugin. Its three extensions share one member, which joins when the
 * first of them is opened and leaves when the last is closed; until then no class of Hazelcast is
 * loaded.
 */
public final class HazelcastPlugin implements CairnPlugin {

    private static final String NAME = "hazelcast";

    private Fleet fleet;
    private int users;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Extension<Membership>> memberships(PluginContext context) {
        return List.of(
                new Extension<>(NAME, () -> joined(context).membership(new GivenBackOnce())));
    }

    @Override
    public List<Extension<BlockDirectory>> blockDirectories(PluginContext context) {
        return List.of(new Extension<>(NAME, () -> joined(context).directory(new GivenBackOnce())));
    }

    @Override
    public List<Extension<ClusterCommands>> clusterCommands(PluginContext context) {
        return List.of(new Extension<>(NAME, () -> joined(context).commands(new GivenBackOnce())));
    }

    private synchronized Fleet joined(PluginContext context) {
        if (fleet == null) {
            fleet = Fleet.join(context);
        }
        users++;
        return fleet;
    }

    private synchronized void giveBack() {
        users--;
        if (users == 0) {
            fleet.leave();
            fleet = null;
        }
    }

    /** One user less, however often that user closes. */
    private final class GivenBackOnce implements Runnable {

        private boolean done;

        @Override
        public synchronized void run() {
            if (!done) {
                done = true;
                giveBack();
            }
        }
    }
}
