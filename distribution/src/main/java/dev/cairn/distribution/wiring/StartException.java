package dev.cairn.distribution.wiring;

/**
 * The program cannot start as it was asked to. The message is for the user: what, and what to do.
 */
public final class StartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StartException(String message) {
        super(message);
    }

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
