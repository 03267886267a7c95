package dev.cairn.transport.kv;

/**
 * Waits for the other side of a ring: a short while awake, for it is likely at work on another
 * processor, then asleep. Awake it lets others run: those who copy what came into a device want the
 * same processors.
 */
final class Pause {

    /** About what it takes to be woken. */
    private static final long AWAKE_NANOS = 50_000;

    private static final int LOOKS = 32;

    private Pause() {}

    interface Condition {
        boolean holds();
    }

    /**
     * @return whether the condition came to hold within the short while
     */
    static boolean awake(Condition condition) {
        long end = System.nanoTime() + AWAKE_NANOS;
        do {
            for (int i = 0; i < LOOKS; i++) {
                if (condition.holds()) {
                    return true;
                }
                Thread.yield();
            }
        } while (System.nanoTime() < end);
        return false;
    }
}
