package dev.cairn.transport.kv;

/**
 * Waits for the other side of a ring: a short while awake, for it is likely at work on another
 * processor, then asleep. It does not yield meanwhile: where others compute, Linux lets a thread
 * that yields wait for a whole slice of theirs, which is longer than waking it takes.
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
                Thread.onSpinWait();
            }
        } while (System.nanoTime() < end);
        return false;
    }
}
