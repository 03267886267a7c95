package dev.cairn.transport.kv;

/** Ends of threads. */
final class Threads {

    private Threads() {}

    /** Waits for the thread's end, whoever interrupts; the interrupt is kept for the caller. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
