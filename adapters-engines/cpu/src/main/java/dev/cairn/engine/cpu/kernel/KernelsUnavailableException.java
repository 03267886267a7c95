package dev.cairn.engine.cpu.kernel;

/**
 * The configuration asks for a kernel provider that does not work here; the message says why and
 * what would help.
 */
public final class KernelsUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public KernelsUnavailableException(String message) {
        super(message);
    }
}
