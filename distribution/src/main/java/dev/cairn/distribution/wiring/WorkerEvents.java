package dev.cairn.distribution.wiring;

import dev.cairn.core.fleet.FleetWorker;
import dev.cairn.core.fleet.Holdings;
import dev.cairn.core.route.EventTranslation;
import dev.cairn.core.route.LiveIndex;
import dev.cairn.core.route.LiveIndex.Knowledge;
import dev.cairn.ports.cache.KvEventChannel;

/**
 * What workers hold, by the events that they publish. Who publishes none is left to what is sent
 * there. Threads: one.
 */
final class WorkerEvents implements Holdings {

    private static final System.Logger LOG = System.getLogger(WorkerEvents.class.getName());

    private final LiveIndex index;
    private final KvEventChannel channel;

    /**
     * @param channel of Cairn's own dialect
     */
    WorkerEvents(LiveIndex index, KvEventChannel channel) {
        this.index = index;
        this.channel = channel;
    }

    @Override
    public void follow(int number, FleetWorker worker) {
        if (worker.events().isEmpty()) {
            index.leave(number);
            return;
        }
        try {
            index.follow(number, worker.id(), channel, worker.events(), EventTranslation.none());
        } catch (IllegalArgumentException wrong) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} says that its KV events are at {1}: {2}",
                    worker.id(),
                    worker.events(),
                    wrong.getMessage());
        }
    }

    @Override
    public void leave(int number) {
        index.leave(number);
    }

    @Override
    public boolean isCurrent(int number) {
        return index.knowledge(number) == Knowledge.CURRENT;
    }
}
