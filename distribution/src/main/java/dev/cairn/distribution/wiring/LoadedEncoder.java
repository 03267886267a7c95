package dev.cairn.distribution.wiring;

import dev.cairn.core.request.Served;

/**
 * A model that reads texts and writes none.
 *
 * @param served as a model that embeds, or one that scores
 * @param purpose in a word, for the banner
 * @param report of its runner
 * @param end closes its runner
 */
record LoadedEncoder(Served served, String purpose, String report, Runnable end)
        implements AutoCloseable {

    @Override
    public void close() {
        end.run();
    }
}
