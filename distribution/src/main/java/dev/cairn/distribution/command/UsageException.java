package dev.cairn.distribution.command;

/** A command line that makes no sense. The message is for the user. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
