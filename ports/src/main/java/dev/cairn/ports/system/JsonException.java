package dev.cairn.ports.system;

/**
 * Text that is no JSON, or breaks a limit. The message says where: offset in characters, and what
 * was expected.
 */
public final class JsonException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int offset;

    public JsonException(String problem, int offset) {
        super(problem + " at character " + offset);
        this.offset = offset;
    }

    /** Where, in UTF-16 characters from the start. */
    public int offset() {
        return offset;
    }
}
