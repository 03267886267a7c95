package dev.cairn.plugin.hazelcast;

/** Bytes from another member that are not what they should be; they are dropped. */
final class MalformedMessage extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MalformedMessage(String message) {
        super(message);
    }
}
