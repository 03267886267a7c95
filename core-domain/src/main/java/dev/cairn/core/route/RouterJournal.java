package dev.cairn.core.route;

/**
 * Hears what a router is told and what it decides, so that it can be done again elsewhere.
 *
 * <p>Threads: the router's; no method waits.
 */
public interface RouterJournal {

    /** Nobody listens. */
    RouterJournal NONE =
            new RouterJournal() {
                @Override
                public boolean isOn() {
                    return false;
                }

                @Override
                public boolean wantsState() {
                    return false;
                }

                @Override
                public void note(RouterRecord record) {}
            };

    /** Whether anybody listens. Always the same. */
    default boolean isOn() {
        return true;
    }

    /** Whether the state is to be told anew: at the start, and where something was lost. */
    boolean wantsState();

    /** The next record. Arrays in it are not changed afterwards. */
    void note(RouterRecord record);
}
