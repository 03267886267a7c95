package dev.cairn.transport.events;

/** Bytes from outside that are not what they should be. */
final class MalformedMessage extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MalformedMessage(String message) {
        super(message);
    }
}
