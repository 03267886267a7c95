package dev.cairn.core.fleet;

/**
 * What workers say they hold: whoever writes the router's prefix index.
 *
 * <p>Threads: called in the router's mailbox; no method waits.
 */
public interface Holdings {

    /** Nobody says anything: what was sent to a worker counts as held. */
    Holdings UNTOLD =
            new Holdings() {
                @Override
                public void follow(int number, FleetWorker worker) {}

                @Override
                public void leave(int number) {}

                @Override
                public boolean isCurrent(int number) {
                    return false;
                }
            };

    /**
     * A worker is there, or says something else of itself than before.
     *
     * @param number under which the index is to know it
     */
    void follow(int number, FleetWorker worker);

    /** The worker is gone: the index holds nothing of it, from now on or soon. */
    void leave(int number);

    /** Whether the index says of a worker what that holds. */
    boolean isCurrent(int number);
}
