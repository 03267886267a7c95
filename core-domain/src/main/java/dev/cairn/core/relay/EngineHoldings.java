package dev.cairn.core.relay;

import dev.cairn.core.route.PrefixIndex;
import dev.cairn.core.route.PrefixIndexOptions;
import dev.cairn.ports.relay.RemoteWorker;

/**
 * What remote engines say they hold, by the numbers that the desk gives them.
 *
 * <p>Threads: {@link #follow} and {@link #leave} from the desk's, the rest from any.
 */
public interface EngineHoldings {

    /** Nobody says anything. */
    static EngineHoldings none() {
        return new EngineHoldings() {
            private final PrefixIndex empty = new PrefixIndex(new PrefixIndexOptions(1, 1));

            @Override
            public void follow(int number, RemoteWorker worker) {}

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
                return empty;
            }
        };
    }

    /** Listens to an engine from now on, as one of which nothing is known. */
    void follow(int number, RemoteWorker worker);

    /** Forgets it and what it holds. */
    void leave(int number);

    /** Tokens of the blocks that it tells of; 0 = it has told of none, and nothing is known. */
    int blockTokens(int number);

    /** For reports: {@code none}, {@code stale} or {@code current}. */
    String state(int number);

    /** Who holds what. */
    PrefixIndex index();
}
