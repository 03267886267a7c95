package dev.cairn.transport.kv;

import java.io.IOException;

/** One side does not want to talk to the other; the message says why, for a log. */
final class RefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    RefusedException(String why) {
        super(why);
    }
}
