package dev.cairn.distribution.bench.server;

/** No server that could be put under load. The message is for the user. */
public final class ServerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ServerException(String message, Throwable cause) {
        super(message, cause);
    }
}
