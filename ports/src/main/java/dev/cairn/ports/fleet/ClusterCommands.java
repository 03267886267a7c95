package dev.cairn.ports.fleet;

import dev.cairn.ports.system.JsonValue;

/**
 * Asks other members to do something, and answers them: what an operator says to one member reaches
 * all whom it concerns. Never on the path of a request.
 *
 * <p>Threads: any. No method waits; completions and handlers run on the implementation's threads,
 * handlers may wait for a while.
 */
public interface ClusterCommands extends CommandLine, AutoCloseable {

    /**
     * Answers a command from now on.
     *
     * @throws IllegalArgumentException if the name has a handler already
     */
    void handle(String command, CommandHandler handler);

    @Override
    void close();

    /** Does what a command says. */
    interface CommandHandler {

        /**
         * @throws RuntimeException whose message the asker gets to see
         */
        JsonValue answer(JsonValue argument);
    }

    /** A command that was not answered; the message says why and by whom. */
    final class CommandException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public CommandException(String message) {
            super(message);
        }
    }
}
