package dev.cairn.transport.node;

/** The other side said what it must not; the message says what. */
final class ProtocolException extends Exception {

    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }
}
