package dev.cairn.distribution.command;

import sun.misc.Signal;

/** Ctrl-C, where it means something else than the end of the program. */
final class InterruptKey {

    private InterruptKey() {}

    /** Calls back, on a thread of the JVM, each time the key is pressed. */
    static void listen(Runnable pressed) {
        try {
            Signal.handle(new Signal("INT"), signal -> pressed.run());
        } catch (IllegalArgumentException notOnThisSystem) {
            // Then it ends the program.
        }
    }
}
