package dev.cairn.ports.model;

/**
 * A model that cannot be served. The message is for the user: file, tensor or key, what was found,
 * what was expected.
 */
public final class ModelException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
